import type { Branch, ImageFilter } from '../../domain/ports/images.js';
import { isStorable } from '../check.js';
import { condition, ofStatuses } from './conditions.js';
import type { Session } from './database.js';
import { and, type Fragment, literal, sql, within } from './fragment.js';
import { number } from './rows.js';

/** Images that one index finds. */
export interface Narrow {
  /** `FROM ... WHERE ...`, with `images AS i` among the tables. */
  readonly source: Fragment;
  /** The same without looking at the images, where that is enough to tell how many there are. */
  readonly index: Fragment;
}

const INDEXED_TEXT: readonly string[] = [
  'id',
  'name',
  'status',
  'visibility',
  'owner',
  'diskFormat',
  'containerFormat',
  'checksum',
  'hashValue',
];
const INDEXED_RANGE: readonly string[] = ['size', 'createdAt', 'updatedAt'];
const INDEXED_EQUAL: readonly string[] = ['minDisk', 'minRam'];
/** Characters of a property's value in its index. */
const VALUE_PREFIX = 64;

/** The first of these filters that at most `most` images meet, as a source of those; undefined when all are met by more. */
export async function narrowest(
  session: Session,
  filters: readonly ImageFilter[],
  deleted: readonly number[],
  most: number,
): Promise<Fragment | undefined> {
  const found = filters.flatMap((filter) => narrowOf(filter, deleted) ?? []);
  for (const { index, source } of found) {
    if (await isNarrow(session, index, most)) return source;
  }
  return undefined;
}

/** Whether there are at most `most` rows; looks at no more than that. */
export async function isNarrow(session: Session, source: Fragment, most: number): Promise<boolean> {
  const rows = await session.rows(
    sql`SELECT count(*) AS found FROM (SELECT 1 AS one ${source} LIMIT ${most + 1}) AS probe`,
  );
  return number(rows[0]?.found) <= most;
}

/** The images shared with a tenant, by its memberships. */
export function sharedWith(branch: Extract<Branch, { of: 'member' }>, deleted: readonly number[]): Narrow {
  const index = sql`FROM image_members WHERE ${and([sql`member = ${branch.member}`, ...ofStatuses(branch.statuses)])}`;
  const visible = sql`i.visibility = 'shared' AND ${within(literal('i.deleted'), deleted)}`;
  return { index, source: sql`FROM images AS i WHERE i.id IN (SELECT image_id ${index}) AND ${visible}` };
}

function narrowOf(filter: ImageFilter, deleted: readonly number[]): Narrow | undefined {
  switch (filter.by) {
    case 'text':
      return INDEXED_TEXT.includes(filter.field) ? byColumn(filter, deleted) : undefined;
    case 'number': {
      const ranged = INDEXED_RANGE.includes(filter.field) && filter.is !== 'neq';
      const equal = INDEXED_EQUAL.includes(filter.field) && filter.is === 'eq';
      return ranged || equal ? byColumn(filter, deleted) : undefined;
    }
    case 'flag':
      return filter.value && filter.field !== 'deleted' ? byColumn(filter, deleted) : undefined;
    case 'property':
      return isStorable(filter.name) && isStorable(filter.value) ? byProperty(filter.name, filter.value) : undefined;
    case 'tag':
      return isStorable(filter.tag) ? byImages(sql`FROM image_tags WHERE tag = ${filter.tag}`) : undefined;
    case 'not-text':
      return undefined;
  }
}

function byProperty(name: string, value: string): Narrow {
  const characters = [...value];
  const prefix = characters.slice(0, VALUE_PREFIX).join('');
  const beginning = sql`FROM image_properties WHERE name = ${name} AND substr(value, 1, ${literal(String(VALUE_PREFIX))}) = ${prefix}`;
  // A value shorter than the prefix is the prefix: the index alone answers.
  return byImages(characters.length < VALUE_PREFIX ? beginning : sql`${beginning} AND value = ${value}`);
}

function byImages(index: Fragment): Narrow {
  return { index, source: sql`FROM images AS i WHERE i.id IN (SELECT image_id ${index})` };
}

function byColumn(filter: ImageFilter, deleted: readonly number[]): Narrow {
  const source = sql`FROM images AS i WHERE ${within(literal('i.deleted'), deleted)} AND ${condition(filter)}`;
  return { index: source, source };
}
