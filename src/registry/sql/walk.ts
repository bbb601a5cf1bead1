import { setImmediate } from 'node:timers/promises';
import { RegistryError } from '../../domain/errors.js';
import type { SortKey } from '../../domain/ports/images.js';
import { compareKeys, isNumber, type KeyValue } from '../order.js';
import { following, orderBy, sortExpression } from './columns.js';
import type { Session } from './database.js';
import { and, type Fragment, join, literal, sql } from './fragment.js';
import { number, type Row, text } from './rows.js';

/** One ordered way through a part of the scope. */
export interface Way {
  /** `FROM ... WHERE ...`, with `images AS i`. */
  readonly source: Fragment;
  /** What is left to check on each image that the source gives. */
  readonly checks: readonly Fragment[];
  /** Whether an index gives the source in order, so that it is walked piece by piece; else it is sorted whole. */
  readonly ordered: boolean;
  /** For a narrow source: a number of images that it does not reach. */
  readonly most?: number;
}

/** The place of one image in the order. */
export interface Place {
  readonly id: string;
  readonly keys: readonly KeyValue[];
}

interface Progress {
  readonly way: Way;
  readonly after: readonly KeyValue[] | undefined;
  readonly have: number;
}

export interface WalkOptions {
  readonly order: readonly SortKey[];
  /** Keys after which the walk begins. */
  readonly after: readonly KeyValue[] | undefined;
  /** Places to find. */
  readonly want: number;
  /** Milliseconds, as of Date.now(). */
  readonly deadline: number;
  /**
   * Images that one statement examines at most: SQLite works on the event loop's own thread, so a statement must be short.
   * A walk that finds too little goes on with the next piece.
   */
  readonly piece: number;
}

/** The first places of the union of the ways, in order, each once. Throws busy past the deadline. */
export async function walk(session: Session, ways: readonly Way[], options: WalkOptions): Promise<readonly Place[]> {
  const { order, want } = options;
  const places = new Map<string, Place>();
  const best = () => [...places.values()].sort((a, b) => compareKeys(a.keys, b.keys, order)).slice(0, want);
  let open: readonly Progress[] = ways.map((way) => ({ way, after: options.after, have: 0 }));
  while (open.length > 0) {
    const found = await session.rows(together(open.map((progress, index) => step(progress, index, options))));
    for (const place of found.map((row) => placeOf(row, order))) places.set(place.id, place);
    const unfilled = open
      .map((progress, index) => ({ ...progress, have: progress.have + countOf(found, index) }))
      .filter(({ way, have }) => way.ordered && way.checks.length > 0 && have < want);
    if (unfilled.length === 0) break;
    const ends = await session.rows(together(unfilled.map((progress, index) => pieceEnd(progress, index, options))));
    const last = best()[want - 1];
    open = ends.flatMap((row) => {
      const progress = unfilled[number(row.way)];
      const { keys } = placeOf(row, order);
      const hopeless = last !== undefined && compareKeys(last.keys, keys, order) <= 0;
      return progress === undefined || hopeless ? [] : [{ ...progress, after: keys }];
    });
    if (open.length === 0) break;
    if (Date.now() >= options.deadline) {
      throw new RegistryError(
        'busy',
        'The list took too long: too few images meet its filters. Use a more selective one',
      );
    }
    await setImmediate();
  }
  return best();
}

function together(statements: readonly Fragment[]): Fragment {
  return join(
    statements.map((statement, index) => sql`SELECT * FROM (${statement}) AS ${literal(`way${index}`)}`),
    ' UNION ALL ',
  );
}

function step({ way, after }: Progress, index: number, { order, want, piece }: WalkOptions): Fragment {
  const columns = placeColumns(index, order);
  if (way.most !== undefined) {
    const checks = and([...way.checks, ...behind(after, order)]);
    // The limit changes nothing but the plan: databases would rather walk in order than sort the few images.
    const few = sql`SELECT i.* ${way.source} LIMIT ${way.most}`;
    return sql`SELECT ${columns} FROM (${few}) AS i WHERE ${checks} ORDER BY ${orderBy(order)} LIMIT ${want}`;
  }
  if (!way.ordered || way.checks.length === 0) {
    const source = beyond(way.source, [...way.checks, ...behind(after, order)]);
    return sql`SELECT ${columns} ${source} ORDER BY ${orderBy(order)} LIMIT ${want}`;
  }
  const examined = sql`SELECT i.* ${beyond(way.source, behind(after, order))} ORDER BY ${orderBy(order)} LIMIT ${piece}`;
  // The piece comes in order and its checks keep it; to say so again would make SQLite sort it all before the limit.
  return sql`SELECT ${columns} FROM (${examined}) AS i WHERE ${and(way.checks)} LIMIT ${want}`;
}

function pieceEnd({ way, after }: Progress, index: number, { order, piece }: WalkOptions): Fragment {
  return sql`SELECT ${placeColumns(index, order)} ${beyond(way.source, behind(after, order))}
    ORDER BY ${orderBy(order)} LIMIT 1 OFFSET ${piece - 1}`;
}

function behind(after: readonly KeyValue[] | undefined, order: readonly SortKey[]): readonly Fragment[] {
  return after === undefined ? [] : [following(after, order)];
}

function beyond(source: Fragment, conditions: readonly Fragment[]): Fragment {
  return join([source, ...conditions], ' AND ');
}

function placeColumns(way: number, order: readonly SortKey[]): Fragment {
  const keys = order.map(({ field }, index) => sql`${sortExpression(field)} AS ${literal(`key${index}`)}`);
  return join([literal(`${way} AS way`), literal('i.id AS id'), ...keys], ', ');
}

function placeOf(row: Row, order: readonly SortKey[]): Place {
  const keys = order.map(({ field }, index) => (isNumber(field) ? number : text)(row[`key${index}`]));
  return { id: text(row.id), keys };
}

function countOf(rows: readonly Row[], way: number): number {
  return rows.filter((row) => number(row.way) === way).length;
}
