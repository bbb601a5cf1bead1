import type { MemberStatus } from '../../domain/member.js';
import type { Branch, ImageFilter } from '../../domain/ports/images.js';
import { isStorable } from '../check.js';
import { column, isKeyed, sortExpression } from './columns.js';
import { and, type Fragment, literal, or, sql, within } from './fragment.js';

const OPERATORS = { eq: '=', neq: '<>', gt: '>', gte: '>=', lt: '<', lte: '<=' } as const;

/** What a filter asks of the relation `i`, so that an index serves it where there is one. An absent value differs from every value. */
export function condition(filter: ImageFilter): Fragment {
  switch (filter.by) {
    case 'text': {
      const values = filter.in.filter(isStorable);
      if (!isKeyed(filter.field)) return within(column(filter.field), values);
      return sql`${within(sortExpression(filter.field), values)} AND ${column(filter.field)} IS NOT NULL`;
    }
    case 'not-text': {
      const values = filter.in.filter(isStorable);
      if (values.length === 0) return sql`1 = 1`;
      return sql`(${column(filter.field)} IS NULL OR NOT ${within(column(filter.field), values)})`;
    }
    case 'number': {
      const operator = literal(OPERATORS[filter.is]);
      if (filter.is === 'neq') {
        return sql`(${column(filter.field)} IS NULL OR ${column(filter.field)} <> ${filter.value})`;
      }
      if (!isKeyed(filter.field)) return sql`${column(filter.field)} ${operator} ${filter.value}`;
      return sql`${sortExpression(filter.field)} ${operator} ${filter.value} AND ${column(filter.field)} IS NOT NULL`;
    }
    case 'flag':
      return sql`${column(filter.field)} = ${Number(filter.value)}`;
    case 'property':
      if (!isStorable(filter.name) || !isStorable(filter.value)) return sql`1 = 0`;
      // A scalar instead of EXISTS: it is looked up row by row, which keeps the order of the walk.
      return sql`(SELECT value FROM image_properties WHERE image_id = i.id AND name = ${filter.name}) = ${filter.value}`;
    case 'tag':
      if (!isStorable(filter.tag)) return sql`1 = 0`;
      return sql`(SELECT 1 FROM image_tags WHERE image_id = i.id AND tag = ${filter.tag}) = 1`;
  }
}

/** Whether an image of the relation `i` belongs to a branch. */
export function belongs(branch: Branch): Fragment {
  switch (branch.of) {
    case 'everything':
      return sql`1 = 1`;
    case 'visibility':
      return sql`i.visibility = ${branch.visibility}`;
    case 'owner': {
      const owned = sql`i.owner = ${branch.owner}`;
      return branch.visibility === undefined ? owned : sql`(${owned} AND i.visibility = ${branch.visibility})`;
    }
    case 'member':
      return sql`(i.visibility = 'shared' AND ${isMember(branch.member, branch.statuses)})`;
    case 'shared-with-anyone':
      return sql`(i.visibility = 'shared' AND ${hasMembers})`;
  }
}

/** Whether an image belongs to the union of the branches. */
export function inScope(scope: readonly Branch[]): Fragment {
  return or(scope.map(belongs));
}

export function isMember(member: string, statuses: readonly MemberStatus[] | undefined): Fragment {
  const wanted = [sql`image_id = i.id`, sql`member = ${member}`, ...ofStatuses(statuses)];
  return sql`(SELECT 1 FROM image_members WHERE ${and(wanted)}) = 1`;
}

export const hasMembers = sql`(SELECT 1 FROM image_members WHERE image_id = i.id LIMIT 1) = 1`;

export function ofStatuses(statuses: readonly MemberStatus[] | undefined): Fragment[] {
  return statuses === undefined ? [] : [within(literal('image_members.status'), statuses)];
}
