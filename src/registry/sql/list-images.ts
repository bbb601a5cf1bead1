import { RegistryError } from '../../domain/errors.js';
import type { Image } from '../../domain/image.js';
import type { Branch, ImageFilter, ImageQuery, Page, SortKey } from '../../domain/ports/images.js';
import { keysOf, totalOrder } from '../order.js';
import { condition, inScope } from './conditions.js';
import type { Database, Session } from './database.js';
import { and, type Fragment, literal, sql, within } from './fragment.js';
import { loadImages } from './load-images.js';
import { isNarrow, narrowest, sharedWith } from './narrow.js';
import { pathOf } from './paths.js';
import { type Way, walk } from './walk.js';

/** What one statement may do, so that none takes long whatever the size of the table. */
export interface ListLimits {
  /** Images of a filter that is worth driving from, for a short page; twice as many for a page of 100. */
  readonly narrow: number;
  /** Images that one statement of a walk examines. */
  readonly piece: number;
  /** Images that are sorted for one page where no index has the order. */
  readonly sorted: number;
}
const LIMITS: ListLimits = { narrow: 2000, piece: 2000, sorted: 100_000 };

/** Leading keys that few images share: sorting the equal ones costs little. */
const SELECTIVE: readonly SortKey['field'][] = ['createdAt', 'updatedAt', 'name', 'size', 'id'];

/** One page of images; how it is found is told in docs/adr/0002-list-queries.md. */
export function listImages(database: Database, query: ImageQuery, limits = LIMITS): Promise<Page<Image>> {
  const deadline = Date.now() + database.statementTimeout * 1000;
  return database.read(async (session) => {
    const order = totalOrder(query.sort);
    const ways = await plan(session, query, order, limits);
    const after = query.marker === undefined ? undefined : keysOf(query.marker, order);
    const places = await walk(session, ways, { order, after, want: query.limit + 1, deadline, piece: limits.piece });
    const images = await loadImages(
      session,
      places.slice(0, query.limit).map(({ id }) => id),
    );
    const items = places.flatMap(({ id }) => images.get(id) ?? []);
    return { items, more: places.length > query.limit };
  });
}

/** Drives from the most selective filter where one is narrow, else walks along an index through each branch. */
async function plan(
  session: Session,
  query: ImageQuery,
  order: readonly SortKey[],
  limits: ListLimits,
): Promise<readonly Way[]> {
  const deleted = deletedness(query);
  // The longer the page, the more images a walk passes, and the more a narrow source may have.
  const narrow = Math.ceil(limits.narrow * (1 + query.limit / 100));
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
      if (await isNarrow(session, shared.index, narrow)) {
        ways.push({ source: shared.source, checks: filters, ordered: false, most: 10 * narrow });
        continue;
      }
    }
    for (const flag of deleted) {
      const part: Part = { branch, deleted: flag, order, filters: query.filters };
      ways.push(await through(session, part, limits));
    }
  }
  return ways;
}

interface Part {
  readonly branch: Branch;
  readonly deleted: number;
  readonly order: readonly SortKey[];
  readonly filters: readonly ImageFilter[];
}

/** The way through a part of the scope along its index. Throws busy where there is none and too much to sort. */
async function through(session: Session, part: Part, limits: ListLimits): Promise<Way> {
  const { branch, deleted, order, filters } = part;
  const path = pathOf(branch, order, filters);
  const from = (index: string | undefined): Fragment => {
    // SQLite is told its index: without statistics of the table it guesses.
    const hint = session.dialect === 'sqlite' && index !== undefined ? literal(` INDEXED BY ${index}`) : sql``;
    return sql`FROM images AS i${hint} WHERE ${and([sql`i.deleted = ${deleted}`, path.found])}`;
  };
  const answered = path.answered.map(condition);
  const checks = [...path.checked, ...filters.filter((filter) => !path.answered.includes(filter)).map(condition)];
  if (!path.exact && !SELECTIVE.includes(order[0]?.field ?? 'id')) {
    if (!(await isNarrow(session, from(undefined), limits.sorted))) {
      throw new RegistryError(
        'busy',
        `More than ${limits.sorted} images would be sorted: add a filter or sort by another key`,
      );
    }
    return { source: and([from(undefined), ...answered]), checks, ordered: false };
  }
  return { source: and([from(path.index), ...answered]), checks, ordered: path.exact };
}

function deletedness(query: ImageQuery): readonly number[] {
  const wanted = query.filters.flatMap((filter) =>
    filter.by === 'flag' && filter.field === 'deleted' ? [Number(filter.value)] : [],
  );
  const shown = query.deleted === 'include' ? [0, 1] : [0];
  return shown.filter((flag) => wanted.every((value) => value === flag));
}
