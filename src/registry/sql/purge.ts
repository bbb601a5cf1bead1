import type { Database, Session } from './database.js';
import { insertInto, literal, sql, within } from './fragment.js';
import { text } from './rows.js';

export interface PurgeOptions {
  /** Days since the deletion. */
  readonly ageInDays: number;
  /** Images to remove at most. */
  readonly maxRows: number;
}

const DAY = 24 * 60 * 60 * 1_000_000;
/** Images of one transaction, so that no writer waits long. */
const BATCH = 100;

/**
 * Removes the rows of images deleted longer ago than that and returns how many; their ids are kept, so that they are
 * never given again. Images pending delete still own bytes and stay.
 */
export async function purge(db: Database, options: PurgeOptions): Promise<number> {
  const before = Math.floor(Date.now() * 1000 - options.ageInDays * DAY);
  let removed = 0;
  while (removed < options.maxRows) {
    const batch = Math.min(BATCH, options.maxRows - removed);
    const purged = await db.write((session) => purgeBatch(session, before, batch));
    removed += purged;
    if (purged < batch) break;
  }
  return removed;
}

async function purgeBatch(session: Session, before: number, batch: number): Promise<number> {
  const lock = literal(session.dialect === 'postgresql' ? ' FOR UPDATE SKIP LOCKED' : '');
  const rows = await session.rows(
    sql`SELECT id FROM images WHERE deleted = 1 AND status = 'deleted' AND deleted_at < ${before}
      ORDER BY deleted_at LIMIT ${batch}${lock}`,
  );
  const ids = rows.map((row) => text(row.id));
  const [first, ...rest] = ids.map((id) => ({ id }));
  if (first === undefined) return 0;
  await session.run(insertInto('tombstones', [first, ...rest]));
  // Properties, tags, locations and members go with their image.
  await session.run(sql`DELETE FROM images WHERE ${within(literal('id'), ids)}`);
  return ids.length;
}
