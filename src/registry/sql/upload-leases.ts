import type { ImageId } from '../../domain/image.js';
import type { Lease, UploadLeases } from '../../domain/ports/leases.js';
import type { Microseconds } from '../../domain/time.js';
import { leased } from '../refusals.js';
import { type Database, isTaken } from './database.js';
import { insertInto, literal, sql, within } from './fragment.js';
import { leaseOf, text } from './rows.js';

export class SqlUploadLeases implements UploadLeases {
  constructor(private readonly database: Database) {}

  async take(lease: Lease): Promise<void> {
    const row = {
      image_id: lease.image,
      worker: lease.worker,
      expires_at: lease.expiresAt,
      abandoned: lease.abandoned,
      store: lease.store,
    };
    await this.database.write((session) =>
      session.run(insertInto('upload_leases', [row])).catch((error: unknown) => {
        throw isTaken(error) ? leased(lease.image) : error;
      }),
    );
  }

  async renew(worker: string, expiresAt: Microseconds): Promise<void> {
    await this.database.write((session) =>
      session.run(sql`UPDATE upload_leases SET expires_at = ${expiresAt} WHERE worker = ${worker}`),
    );
  }

  async release(image: ImageId, worker: string): Promise<void> {
    await this.database.write((session) =>
      session.run(sql`DELETE FROM upload_leases WHERE image_id = ${image} AND worker = ${worker}`),
    );
  }

  async all(): Promise<readonly Lease[]> {
    return await this.database.read(async (session) => {
      const rows = await session.rows(sql`SELECT * FROM upload_leases ORDER BY expires_at, image_id`);
      return rows.map(leaseOf);
    });
  }

  async takeOver(lease: Lease, worker: string, expiresAt: Microseconds): Promise<boolean> {
    const moved = await this.database.write((session) =>
      session.run(
        sql`UPDATE upload_leases SET worker = ${worker}, expires_at = ${expiresAt}
          WHERE image_id = ${lease.image} AND worker = ${lease.worker} AND expires_at = ${lease.expiresAt}`,
      ),
    );
    return moved === 1;
  }

  async alive(workers: readonly string[], now: Microseconds): Promise<ReadonlySet<string>> {
    return await this.database.read(async (session) => {
      const rows = await session.rows(
        sql`SELECT DISTINCT worker FROM upload_leases WHERE ${within(literal('worker'), workers)} AND expires_at >= ${now}`,
      );
      return new Set(rows.map((row) => text(row.worker)));
    });
  }
}
