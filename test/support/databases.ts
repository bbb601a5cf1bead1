import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Log } from '../../src/domain/ports/log.js';
import { createMemoryRegistry } from '../../src/registry/memory/index.js';
import type { RegistryPorts } from '../../src/registry/ports.js';
import { sql } from '../../src/registry/sql/fragment.js';
import { connect, createRegistry, type Database, migrate } from '../../src/registry/sql/index.js';
import { number } from '../../src/registry/sql/rows.js';
import { steadyClock } from './image-factory.js';
import { startPostgres, type TestPostgres } from './postgres.js';

/** An empty registry of one test. `close` throws when the test left something behind that no image owns. */
export interface TestRegistry extends RegistryPorts {
  close(): Promise<void>;
}
/** One in a database. */
export interface SqlTestRegistry extends TestRegistry {
  readonly db: Database;
}
export type OpenRegistry = () => Promise<TestRegistry>;

export const silent: Log = {
  debug() {},
  info() {},
  warning() {},
  error() {},
  critical() {},
  child: () => silent,
};

/** A registry in memory. */
export async function openMemory(): Promise<TestRegistry> {
  return { ...createMemoryRegistry(steadyClock()), async close() {} };
}

/** Connects to a database and brings its schema up to date. */
export async function openMigrated(connection: string): Promise<Database> {
  const db = await connect({ connection, maxPoolSize: 5 }, silent);
  await migrate(db);
  return db;
}

/** A registry in a new SQLite file. */
export async function openSqlite(): Promise<SqlTestRegistry> {
  const folder = await sqliteFolder();
  return registryOver(await openMigrated(folder.connection), folder.remove);
}

/** A place for a SQLite database; `remove` throws when its database was not closed properly. */
export async function sqliteFolder(): Promise<{ connection: string; file: string; remove(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'glimpse-sqlite-'));
  const file = join(folder, 'registry.sqlite');
  const remove = async () => {
    const files = await readdir(folder);
    await rm(folder, { recursive: true });
    if (files.some((name) => name !== 'registry.sqlite')) throw new Error(`left behind: ${files.join(', ')}`);
  };
  return { connection: `sqlite:///${file}`, file, remove };
}

let server: Promise<TestPostgres> | undefined;

/** The PostgreSQL server of this test file. */
export function postgres(): Promise<TestPostgres> {
  server ??= startPostgres();
  return server;
}

/** To be called after all tests of a file that used `postgres`. */
export async function stopPostgres(): Promise<void> {
  await (await server)?.stop();
}

/** A registry in a new database of PostgreSQL. */
export async function openPostgres(): Promise<SqlTestRegistry> {
  const connection = await (await postgres()).createDatabase();
  return registryOver(await openMigrated(connection), async () => {});
}

function registryOver(db: Database, remove: () => Promise<void>): SqlTestRegistry {
  return {
    ...createRegistry(db, steadyClock()),
    db,
    async close() {
      const orphans = await countOrphans(db);
      await db.close();
      await remove();
      if (orphans > 0) throw new Error(`${orphans} rows without an image`);
    },
  };
}

async function countOrphans(db: Database): Promise<number> {
  const rows = await db.read((session) =>
    session.rows(
      sql`SELECT (SELECT count(*) FROM image_properties WHERE image_id NOT IN (SELECT id FROM images))
        + (SELECT count(*) FROM image_tags WHERE image_id NOT IN (SELECT id FROM images))
        + (SELECT count(*) FROM image_locations WHERE image_id NOT IN (SELECT id FROM images))
        + (SELECT count(*) FROM image_members WHERE image_id NOT IN (SELECT id FROM images WHERE deleted = 0))
        + (SELECT count(*) FROM retired_members WHERE image_id NOT IN (SELECT id FROM images WHERE deleted = 0))
        + (SELECT count(*) FROM upload_leases) + (SELECT count(*) FROM storage_reservations) AS orphans`,
    ),
  );
  return number(rows[0]?.orphans);
}
