import { RegistryError } from '../../domain/errors.js';
import type { Image } from '../../domain/image.js';
import type { Branch, ImageFilter, ImageQuery, Page, SortKey } from '../../domain/ports/images.js';
import { keysOf, totalOrder } from '../order.js';
import { condition, inScope } from './conditions.js';
import type { Database, Session } from './database.js';
import { and, literal, sql, within } from './fragment.js';
import { loadImages } from './load-images.js';
import { isNarrow, narrowest, type Source, sharedWith } from './narrow.js';
import { pathOf } from './paths.js';
import { type Way, walk } from './walk.js';

/** Images that are sorted for one page where no index has the order. */
const MOST_SORTED = 100_000;
/** Leading keys that few images share: sorting the equal ones costs little. */
const SELECTIVE: readonly SortKey['field'][] = ['createdAt', 'updatedAt', 'name', 'size', 'id'];

/** One page of images; how it is found is told in docs/adr/0002-list-queries.md. */
export function listImages(database: Database, query: ImageQuery): Promise<Page<Image>> {
  const deadline = Date.now() + database.statementTimeout * 1000;
  return database.read(async (session) => {
    const order = totalOrder(query.sort);
    const ways = await plan(session, query, order);
    const after = query.marker === undefined ? undefined : keysOf(query.marker, order);
    const places = await walk(session, ways, { order, after, want: query.limit + 1, deadline });
    const images = await loadImages(
      session,
      places.slice(0, query.limit).map(({ id }) => id),
    );
    const items = places.flatMap(({ id }) => images.get(id) ?? []);
    return { items, more: places.length > query.limit };
  });
}

/** Drives from the most selective filter where one is narrow, else walks along an index through each branch. */
async function plan(session: Session, query: ImageQuery, order: readonly SortKey[]): Promise<readonly Way[]> {
  const deleted = deletedness(query);
  // The longer the page, the more images a walk passes, and the more a narrow source may have.
  const narrow = 2000 + 20 * query.limit;
  const pinned = query.scope.flatMap((branch) => pathOf(branch, order, query.filters).answered);
  const probed = query.filters.filter((filter) => !pinned.includes(filter));
  const source = await narrowest(session, probed, deleted, narrow);
  const filters = query.filters.map(condition);
  if (source !== undefined) {
    const checks = [...filters, inScope(query.scope), within(literal('i.deleted'), deleted)];
    return [{ source, checks, ordered: false, most: 10 * narrow }];
  }
  const ways: Way[] = [];
  for (const branch of query.scope) {
    if (branch.of === 'member') {
      const shared = sharedWith(branch, deleted);
      if (await isNarrow(session, shared, narrow)) {
        ways.push({ source: shared, checks: filters, ordered: false, most: 10 * narrow });
        continue;
      }
    }
    for (const flag of deleted) ways.push(await through(session, branch, flag, order, query.filters));
  }
  return ways;
}

async function through(
  session: Session,
  branch: Branch,
  deleted: number,
  order: readonly SortKey[],
  filters: readonly ImageFilter[],
): Promise<Way> {
  const path = pathOf(branch, order, filters);
  const from = (index: string | undefined): Source => {
    // SQLite is told its index: without statistics of the table it guesses.
    const hint = session.dialect === 'sqlite' && index !== undefined ? literal(` INDEXED BY ${index}`) : sql``;
    return sql`FROM images AS i${hint} WHERE ${and([sql`i.deleted = ${deleted}`, path.found])}`;
  };
  const checks = [...path.checked, ...filters.filter((filter) => !path.answered.includes(filter)).map(condition)];
  if (!path.exact && !SELECTIVE.includes(order[0]?.field ?? 'id')) {
    if (!(await isNarrow(session, from(undefined), MOST_SORTED))) {
      throw new RegistryError(
        'busy',
        `More than ${MOST_SORTED} images would be sorted: add a filter or sort by another key`,
      );
    }
    return { source: from(undefined), checks, ordered: false };
  }
  const source = and([from(path.index), ...path.answered.map(condition)]);
  return { source, checks, ordered: path.exact };
}

function deletedness(query: ImageQuery): readonly number[] {
  const wanted = query.filters.flatMap((filter) =>
    filter.by === 'flag' && filter.field === 'deleted' ? [Number(filter.value)] : [],
  );
  const shown = query.deleted === 'include' ? [0, 1] : [0];
  return shown.filter((flag) => wanted.every((value) => value === flag));
}
