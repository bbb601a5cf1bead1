import type { Actor } from '../../domain/actor.js';
import { isImageId } from '../../domain/image.js';
import type { Branch, ImageFilter, SortKey } from '../../domain/ports/images.js';
import { detailed, type HttpFault } from '../fault.js';
import { parseIsoTime } from '../iso-time.js';
import { type ListLimits, type ListRequest, SORT_FIELDS } from '../list-request.js';
import { quotedDetail, quotedExplanation } from './registry-text.js';

const NOTHING: ImageFilter = { by: 'text', field: 'id', in: [] };

function badFilter(filter: string, value: string): HttpFault {
  return detailed(400, `Bad value passed to filter ${filter} got ${value}`);
}

/** More than any image has of anything: larger numbers mean the same, and not every database takes them. */
const BEYOND = 2 ** 53;

function integer(text: string): number | undefined {
  return /^\s*[+-]?\d+\s*$/.test(text) ? Math.min(Math.max(Number(text), -BEYOND), BEYOND) : undefined;
}

function size(filter: string, value: string): number {
  const number = integer(value);
  if (number === undefined || number < 0) throw badFilter(filter, value);
  return number;
}

/** `in:a,"b,c"` and `eq:x`; an operator that v1 does not know is part of the text. */
function texts(value: string): readonly string[] {
  if (value.startsWith('eq:')) return [value.slice(3)];
  if (!value.startsWith('in:')) return [value];
  const list = value.slice(3);
  if ((list.match(/(?<!\\)"/g)?.length ?? 0) % 2 === 1) {
    throw quotedDetail(`Invalid filter value ${list}. The quote is not closed.`);
  }
  return [...list.matchAll(/"((?:[^"\\]|\\.)*)"|([^,]+)/g)].map(
    ([, quoted, plain]) => quoted?.replace(/\\(.)/g, '$1') ?? plain ?? '',
  );
}

type FilterReader = (value: string, name: string) => readonly ImageFilter[];

const text =
  (field: 'name' | 'status' | 'containerFormat' | 'diskFormat'): FilterReader =>
  (value) => [{ by: 'text', field, in: texts(value) }];

const FILTERS: Readonly<Record<string, FilterReader>> = {
  name: text('name'),
  status: text('status'),
  container_format: text('containerFormat'),
  disk_format: text('diskFormat'),
  size_min: (value, name) => [{ by: 'number', field: 'size', is: 'gte', value: size(name, value) }],
  size_max: (value, name) => [{ by: 'number', field: 'size', is: 'lte', value: size(name, value) }],
  min_ram: (value, name) => [{ by: 'number', field: 'minRam', is: 'eq', value: size(name, value) }],
  min_disk: (value) => {
    const number = integer(value);
    return number === undefined ? [NOTHING] : [{ by: 'number', field: 'minDisk', is: 'eq', value: number }];
  },
  protected: (value, name) => {
    const word = value.toLowerCase();
    if (word === 'none') throw quotedDetail('protected must be True, or False');
    if (!['true', 'false', '1', '0'].includes(word)) throw badFilter(name, value);
    return [{ by: 'flag', field: 'protected', value: word === 'true' || word === '1' }];
  },
  'changes-since': (value) => {
    const since = parseIsoTime(value);
    if (since === undefined) throw quotedDetail('Unrecognized changes-since value');
    return [{ by: 'number', field: 'updatedAt', is: 'gt', value: since }];
  },
  is_public: (value, name) => {
    if (!['none', 'true', 'false', '1', '0'].includes(value.toLowerCase())) throw badFilter(name, value);
    return [];
  },
};

/** The default lists of v1 differ from v2's: an admin sees what a user would, until `is_public` says otherwise (image-api-v1 section 4). */
function scope(actor: Actor, isPublic: string | undefined): Branch[] {
  const word = isPublic?.toLowerCase();
  if (actor.isAdmin && word === 'none') return [{ of: 'everything' }];
  if (actor.isAdmin && (word === 'false' || word === '0')) {
    return (['shared', 'private', 'community'] as const).map((visibility) => ({ of: 'visibility', visibility }));
  }
  const everybody: Branch = { of: 'visibility', visibility: 'public' };
  if (actor.owner !== null) {
    return [everybody, { of: 'owner', owner: actor.owner }, { of: 'member', member: actor.owner }];
  }
  return actor.isAdmin ? [everybody, { of: 'shared-with-anyone' }] : [everybody];
}

function sortKey(field: string, direction: string): SortKey {
  const known = Object.hasOwn(SORT_FIELDS, field) ? SORT_FIELDS[field] : undefined;
  if (known === undefined) {
    throw quotedExplanation(400, `Unsupported sort_key. Acceptable values: ${Object.keys(SORT_FIELDS).join(', ')}`);
  }
  if (direction !== 'asc' && direction !== 'desc')
    throw quotedExplanation(400, 'Unsupported sort_dir. Acceptable values: asc, desc');
  return { field: known, direction };
}

function limit(value: string | undefined, limits: ListLimits): number {
  if (value === undefined) return Math.min(limits.standard, limits.most);
  const number = integer(value);
  if (number === undefined) throw quotedDetail('limit param must be an integer');
  if (number < 0) throw quotedDetail('limit param must be positive');
  return Math.min(number, limits.most);
}

/** Reads the query of a list; unknown parameters are ignored, of repeated ones the last counts. Throws 400 (image-api-v1 section 4). */
export function readListQuery(
  parameters: readonly (readonly [string, string])[],
  actor: Actor,
  limits: ListLimits,
): ListRequest {
  const query = new Map(parameters);
  const filters: ImageFilter[] = [];
  for (const [name, value] of query) {
    if (name.startsWith('property-')) filters.push({ by: 'property', name: name.slice('property-'.length), value });
    else if (Object.hasOwn(FILTERS, name)) filters.push(...(FILTERS[name]?.(value, name) ?? []));
  }
  const changes = query.has('changes-since');
  if (!changes) filters.push({ by: 'not-text', field: 'status', in: ['killed'] });
  const markerId = query.get('marker');
  const sort = sortKey(query.get('sort_key') ?? 'created_at', query.get('sort_dir') ?? 'desc');
  const count = limit(query.get('limit'), limits);
  if (markerId !== undefined && markerId !== '' && !isImageId(markerId))
    throw quotedExplanation(400, 'Invalid marker format');
  return {
    scope: scope(actor, query.get('is_public')),
    filters,
    sort: [sort],
    limit: count,
    markerId,
    deleted: changes ? 'include' : 'exclude',
  };
}
