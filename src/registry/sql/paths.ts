import type { Branch, ImageFilter, SortKey } from '../../domain/ports/images.js';
import { columnName, isUniform } from './columns.js';
import { belongs, hasMembers, isMember } from './conditions.js';
import { type Fragment, sql } from './fragment.js';

/** How an index leads through the images of a branch in the order asked for. */
export interface Path {
  /** Absent when no index begins with the leading key. */
  readonly index: string | undefined;
  /** Whether the index has exactly this order; else images with equal leading keys are sorted on the way. */
  readonly exact: boolean;
  /** What the index finds. */
  readonly found: Fragment;
  /** What is left to check on each image. */
  readonly checked: readonly Fragment[];
  /** Filters that the index answers by itself. */
  readonly answered: readonly ImageFilter[];
}

/** Sort keys with an index for each kind of branch (migrations/0001-images.ts). */
const INDEXED: readonly SortKey['field'][] = [
  'createdAt',
  'updatedAt',
  'name',
  'size',
  'status',
  'diskFormat',
  'containerFormat',
  'id',
];
const PINNABLE: readonly SortKey['field'][] = ['status', 'name', 'diskFormat', 'containerFormat'];

/** The path through one branch. */
export function pathOf(branch: Branch, order: readonly SortKey[], filters: readonly ImageFilter[]): Path {
  const { kind, found, checked } = entrance(branch);
  const lead = order[0]?.field ?? 'createdAt';
  if (!INDEXED.includes(lead)) return { index: undefined, exact: false, found, checked, answered: [] };
  const exact = isUniform(order) && order.map(({ field }) => field).join() === orderOfIndex(lead);
  const pinned = exact && lead === 'createdAt' ? filters.find(isPinned) : undefined;
  const index = `images_by_${kind}_${columnName(pinned?.field ?? lead)}`;
  const answered = pinned === undefined ? filters.filter((filter) => bounds(filter, lead)) : [pinned];
  return { index, exact, found, checked, answered };
}

function orderOfIndex(lead: SortKey['field']): string {
  if (lead === 'id') return 'id';
  return lead === 'createdAt' ? 'createdAt,id' : `${lead},createdAt,id`;
}

/** Filters for one value of an indexed text: behind it, the same index goes on by time of creation. */
function isPinned(filter: ImageFilter): filter is Extract<ImageFilter, { by: 'text' }> {
  return filter.by === 'text' && filter.in.length === 1 && PINNABLE.includes(filter.field);
}

function bounds(filter: ImageFilter, lead: SortKey['field']): boolean {
  return (filter.by === 'text' || (filter.by === 'number' && filter.is !== 'neq')) && filter.field === lead;
}

function entrance(branch: Branch): { kind: string; found: Fragment; checked: readonly Fragment[] } {
  const shared = sql`i.visibility = 'shared'`;
  switch (branch.of) {
    case 'everything':
      return { kind: 'all', found: sql`1 = 1`, checked: [] };
    case 'visibility':
      return { kind: 'visibility', found: belongs(branch), checked: [] };
    case 'owner': {
      const checked = branch.visibility === undefined ? [] : [sql`i.visibility = ${branch.visibility}`];
      return { kind: 'owner', found: sql`i.owner = ${branch.owner}`, checked };
    }
    case 'member':
      return { kind: 'visibility', found: shared, checked: [isMember(branch.member, branch.statuses)] };
    case 'shared-with-anyone':
      return { kind: 'visibility', found: shared, checked: [hasMembers] };
  }
}
