import type { ImageId } from '../../domain/image.js';
import type { StorageQuota } from '../../domain/ports/quotas.js';
import type { Database, Session } from './database.js';
import { type Fragment, insertInto, sql } from './fragment.js';

export class SqlStorageQuota implements StorageQuota {
  constructor(private readonly database: Database) {}

  usage(owner: string | null, apart?: ImageId): Promise<number> {
    return this.database.read((session) => used(session, owner, apart));
  }

  async reserve(image: ImageId, owner: string | null, bytes: number, limit: number): Promise<number> {
    return await this.database.write(async (session) => {
      await lockOwner(session, owner);
      const left = Math.max(0, limit - (await used(session, owner, image)));
      const reservation = Math.floor(Math.min(bytes, left));
      await session.run(sql`DELETE FROM storage_reservations WHERE image_id = ${image}`);
      await session.run(insertInto('storage_reservations', [{ image_id: image, owner, bytes: reservation }]));
      return reservation;
    });
  }

  async settle(image: ImageId): Promise<void> {
    await this.database.write((session) =>
      session.run(sql`DELETE FROM storage_reservations WHERE image_id = ${image}`),
    );
  }
}

function ownedBy(owner: string | null): Fragment {
  return owner === null ? sql`owner IS NULL` : sql`owner = ${owner}`;
}

async function used(session: Session, owner: string | null, apart: ImageId | undefined): Promise<number> {
  const others = apart === undefined ? sql`` : sql` AND image_id <> ${apart}`;
  // Added up as fractions: many sizes of 2^53 together would overflow SQLite's integers.
  const rows = await session.rows(
    sql`SELECT
      (SELECT COALESCE(SUM(1.0 * size), 0) FROM images JOIN image_locations ON image_id = id
        WHERE deleted = 0 AND ${ownedBy(owner)}) AS stored,
      (SELECT COALESCE(SUM(1.0 * bytes), 0) FROM storage_reservations WHERE ${ownedBy(owner)}${others}) AS reserved`,
  );
  const [row] = rows;
  return Number(row?.stored) + Number(row?.reserved);
}

/** PostgreSQL runs writers side by side: those of one owner queue up here. SQLite has one writer at a time. */
async function lockOwner(session: Session, owner: string | null): Promise<void> {
  if (session.dialect === 'sqlite') return;
  const key = `storage of ${owner ?? 'nobody'}`;
  await session.rows(sql`SELECT pg_advisory_xact_lock(hashtextextended(${key}, 0))`);
}
