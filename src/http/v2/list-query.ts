import type { Actor } from '../../domain/actor.js';
import { VISIBILITIES, type Visibility } from '../../domain/image.js';
import type { MemberStatus } from '../../domain/member.js';
import type { Branch, ImageFilter, SortKey } from '../../domain/ports/images.js';
import { fault } from '../fault.js';
import { type ListLimits, type ListRequest, SORT_FIELDS } from '../list-request.js';
import { readFilters } from './list-filters.js';

type Parameters = readonly (readonly [string, string])[];

const MEMBER_STATUSES: readonly MemberStatus[] = ['pending', 'accepted', 'rejected'];

function sortKey(name: string, direction: string): SortKey {
  const field = Object.hasOwn(SORT_FIELDS, name) ? SORT_FIELDS[name] : undefined;
  if (field === undefined) {
    const known = Object.keys(SORT_FIELDS).join(', ');
    throw fault(400, `Invalid sort key: ${name}. It must be one of the following: ${known}.`);
  }
  if (direction !== 'asc' && direction !== 'desc') throw fault(400, `Invalid sort direction: ${direction}`);
  return { field, direction };
}

/** `sort=name:asc,size` */
function newSyntax(sorts: readonly string[]): SortKey[] {
  return sorts.flatMap((sort) =>
    sort.split(',').map((part) => {
      const [name = '', ...direction] = part.split(':');
      return sortKey(name.trim(), direction.join(':').trim() || 'desc');
    }),
  );
}

/** `sort_key=name&sort_key=size&sort_dir=asc` */
function oldSyntax(names: readonly string[], directions: readonly string[]): SortKey[] {
  const keys = names.length === 0 ? ['created_at'] : names;
  const dirs = directions.length === 0 ? ['desc'] : directions;
  if (dirs.length > 1 && dirs.length !== keys.length) {
    throw fault(400, 'Number of sort dirs does not match the number of sort keys');
  }
  return keys.map((name, index) => sortKey(name, dirs[index] ?? dirs[0] ?? 'desc'));
}

/** Ties are broken by age and id: in the one direction that the client gave or, where it gave none or several, the youngest first, as Glance does. */
function readSort(parameters: Parameters): readonly SortKey[] {
  const all = (name: string) => parameters.filter(([each]) => each === name).map(([, value]) => value);
  const sorts = all('sort');
  const names = all('sort_key');
  const directions = all('sort_dir');
  if (sorts.length > 0 && names.length + directions.length > 0) {
    throw fault(400, 'Old and new sorting syntax cannot be combined');
  }
  const keys = sorts.length > 0 ? newSyntax(sorts) : oldSyntax(names, directions);
  const given = sorts.length > 0 ? keys.length : directions.length;
  const direction = (given === 1 ? keys[0]?.direction : undefined) ?? 'desc';
  const ties: SortKey[] = [
    { field: 'createdAt', direction },
    { field: 'id', direction },
  ];
  return [...keys, ...ties.filter((tie) => !keys.some((key) => key.field === tie.field))];
}

function readLimit(text: string | undefined, limits: ListLimits): number {
  if (text === undefined) return Math.min(limits.standard, limits.most);
  if (!/^\s*[+-]?\d+\s*$/.test(text)) throw fault(400, 'limit param must be an integer');
  const number = Number(text);
  if (number < 0) throw fault(400, 'limit param must be positive');
  return Math.min(number, limits.most);
}

function readVisibility(text: string | undefined): Visibility | 'all' | undefined {
  if (text === undefined || text === 'all') return text;
  const visibility = VISIBILITIES.find((each) => each === text);
  if (visibility === undefined) throw fault(400, `Invalid visibility value: ${text}`);
  return visibility;
}

function readMemberStatuses(text = 'accepted'): readonly MemberStatus[] | undefined {
  if (text === 'all') return undefined;
  const status = MEMBER_STATUSES.find((each) => each === text);
  if (status === undefined) throw fault(400, `Invalid status: ${text}`);
  return [status];
}

interface Scope {
  readonly branches: readonly Branch[];
  readonly filter?: ImageFilter;
}

const of = (visibility: Visibility): Branch => ({ of: 'visibility', visibility });

const NOT_COMMUNITY: ImageFilter = { by: 'not-text', field: 'visibility', in: ['community'] };

/**
 * An admin sees everything but, unless asked for, what others offer to the community.
 * Without an owner nothing is the admin's own: one branch with a filter is then all, and costs a third of three.
 */
function adminScope(owner: string | null, visibility: Visibility | 'all' | undefined): Scope {
  if (visibility === 'all') return { branches: [{ of: 'everything' }] };
  if (visibility !== undefined) return { branches: [of(visibility)] };
  if (owner === null) return { branches: [{ of: 'everything' }], filter: NOT_COMMUNITY };
  return { branches: [of('public'), of('private'), of('shared'), { of: 'owner', owner, visibility: 'community' }] };
}

/** Own images, public ones, and those that were shared with the actor and answered as asked for (image-api-v2 section 2.2). */
function tenantScope(
  actor: Actor,
  visibility: Visibility | 'all' | undefined,
  statuses: readonly MemberStatus[] | undefined,
): Branch[] {
  const { owner, readOnly } = actor;
  if (readOnly)
    return visibility === undefined || visibility === 'public' || visibility === 'all' ? [of('public')] : [];
  if (visibility === 'public' || visibility === 'community') return [of(visibility)];
  const narrowed = visibility === undefined || visibility === 'all' ? {} : { visibility };
  const own: Branch[] = owner === null ? [] : [{ of: 'owner', owner, ...narrowed }];
  const member: Branch[] =
    owner === null ? [] : [{ of: 'member', member: owner, ...(statuses === undefined ? {} : { statuses }) }];
  if (visibility === 'private') return own;
  if (visibility === 'shared') return [...own, ...member];
  return [of('public'), ...(visibility === 'all' ? [of('community')] : []), ...own, ...member];
}

/**
 * Reads the query of `GET /v2/images`; of repeated parameters the last counts, but for `tag` and those of the order.
 * Throws 400 (image-api-v2 section 2.2).
 */
export function readListQuery(parameters: Parameters, actor: Actor, limits: ListLimits): ListRequest {
  const query = new Map(parameters);
  const visibility = readVisibility(query.get('visibility'));
  const statuses = readMemberStatuses(query.get('member_status'));
  const scope: Scope = actor.isAdmin
    ? adminScope(actor.owner, visibility)
    : { branches: tenantScope(actor, visibility, statuses) };
  return {
    limit: readLimit(query.get('limit'), limits),
    sort: readSort(parameters),
    filters: [...readFilters(parameters), ...(scope.filter === undefined ? [] : [scope.filter])],
    scope: scope.branches,
    markerId: query.get('marker'),
    deleted: 'exclude',
  };
}
