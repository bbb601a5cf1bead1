import type { Branch, ImageFilter } from '../../domain/ports/images.js';
import { isStorable } from '../check.js';
import { condition, ofStatuses } from './conditions.js';
import type { Session } from './database.js';
import { and, type Fragment, literal, sql, within } from './fragment.js';
import { number } from './rows.js';

/** Images that one index finds: `FROM ... WHERE ...`, with `images AS i` among the tables. */
export type Source = Fragment;

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
): Promise<Source | undefined> {
  const found = filters.flatMap((filter) => sourceOf(filter, deleted) ?? []);
  for (const source of found) {
    if (await isNarrow(session, source, most)) return source;
  }
  return undefined;
}

/** Whether a source has at most `most` images; looks at no more than that. */
export async function isNarrow(session: Session, source: Source, most: number): Promise<boolean> {
  const rows = await session.rows(
    sql`SELECT count(*) AS found FROM (SELECT 1 AS one ${source} LIMIT ${most + 1}) AS probe`,
  );
  return number(rows[0]?.found) <= most;
}

/** The images shared with a tenant, by its memberships. */
export function sharedWith(branch: Extract<Branch, { of: 'member' }>, deleted: readonly number[]): Source {
  const conditions = [
    sql`image_members.member = ${branch.member}`,
    ...ofStatuses(branch.statuses),
    sql`i.id = image_members.image_id`,
    sql`i.visibility = 'shared'`,
    within(literal('i.deleted'), deleted),
  ];
  return sql`FROM image_members CROSS JOIN images AS i WHERE ${and(conditions)}`;
}

function sourceOf(filter: ImageFilter, deleted: readonly number[]): Source | undefined {
  switch (filter.by) {
    case 'text':
      return INDEXED_TEXT.includes(filter.field) ? columnSource(filter, deleted) : undefined;
    case 'number': {
      const ranged = INDEXED_RANGE.includes(filter.field) && filter.is !== 'neq';
      const equal = INDEXED_EQUAL.includes(filter.field) && filter.is === 'eq';
      return ranged || equal ? columnSource(filter, deleted) : undefined;
    }
    case 'flag':
      return filter.value && filter.field !== 'deleted' ? columnSource(filter, deleted) : undefined;
    case 'property': {
      if (!isStorable(filter.name) || !isStorable(filter.value)) return undefined;
      const { name, value } = filter;
      const length = literal(String(VALUE_PREFIX));
      return sql`FROM image_properties AS p CROSS JOIN images AS i WHERE p.name = ${name}
        AND substr(p.value, 1, ${length}) = ${[...value].slice(0, VALUE_PREFIX).join('')} AND p.value = ${value}
        AND i.id = p.image_id`;
    }
    case 'tag':
      if (!isStorable(filter.tag)) return undefined;
      return sql`FROM image_tags AS t CROSS JOIN images AS i WHERE t.tag = ${filter.tag} AND i.id = t.image_id`;
    case 'not-text':
      return undefined;
  }
}

function columnSource(filter: ImageFilter, deleted: readonly number[]): Source {
  return sql`FROM images AS i WHERE ${within(literal('i.deleted'), deleted)} AND ${condition(filter)}`;
}
