import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import test from 'ava';
import { isRegistryError } from '../../../src/domain/errors.js';
import { sql } from '../../../src/registry/sql/fragment.js';
import { connect } from '../../../src/registry/sql/index.js';
import { openMigrated, openSqlite, postgres, silent, sqliteFolder, stopPostgres } from '../../support/databases.js';
import { anImage } from '../../support/image-factory.js';

test.after.always(stopPostgres);

test('SQLite makes the folder of its file and keeps a write-ahead log', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'glimpse-connect-'));
  const file = join(folder, 'a', 'b', 'registry.sqlite');
  const db = await connect({ connection: `sqlite:///${file}` }, silent);
  const pragma = async (name: 'journal_mode' | 'synchronous' | 'foreign_keys') => {
    const text = {
      journal_mode: sql`PRAGMA journal_mode`,
      synchronous: sql`PRAGMA synchronous`,
      foreign_keys: sql`PRAGMA foreign_keys`,
    };
    return (await db.write((session) => session.rows(text[name])))[0]?.[name];
  };
  t.is(await pragma('journal_mode'), 'wal');
  t.is(await pragma('synchronous'), 1);
  t.is(await pragma('foreign_keys'), 1);
  await db.close();
  t.true((await stat(file)).isFile());
  await rm(folder, { recursive: true });
});

test('a folder that cannot be made is storage-denied', async (t) => {
  const error = await t.throwsAsync(connect({ connection: 'sqlite:////dev/null/folder/registry.sqlite' }, silent));
  t.true(isRegistryError(error, 'storage-denied'));
});

test('a reader sees the last commit while a writer works', async (t) => {
  const registry = await openSqlite();
  const image = anImage();
  await registry.images.add(image);
  await registry.db.write(async (session) => {
    await session.run(sql`UPDATE images SET name = 'half'`);
    t.is((await registry.images.get(image.id, { kind: 'admin', seesDeleted: false })).name, image.name);
  });
  t.is((await registry.images.get(image.id, { kind: 'admin', seesDeleted: false })).name, 'half');
  await registry.close();
});

test("another connection's lock is waited for while the event loop goes on", async (t) => {
  const place = await sqliteFolder();
  const [one, two] = [await openMigrated(place.connection), await openMigrated(place.connection)];
  const events: string[] = [];
  let waiting: Promise<unknown> = Promise.resolve();
  await one.write(async (session) => {
    await session.run(sql`INSERT INTO tombstones (id) VALUES ('one')`);
    waiting = two.write(async (other) => {
      await other.run(sql`INSERT INTO tombstones (id) VALUES ('two')`);
      events.push('second');
    });
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
    events.push('first');
  });
  await waiting;
  t.deepEqual(events, ['first', 'second']);
  await one.close();
  await two.close();
  await place.remove();
});

test('values of a failed statement stay out of its error', async (t) => {
  for (const connection of ['sqlite://', await (await postgres()).createDatabase()]) {
    const db = await openMigrated(connection);
    const error = await t.throwsAsync(
      db.write((session) => session.run(sql`INSERT INTO nowhere (url) VALUES (${'http://user:secret@host/'})`)),
      { any: true },
    );
    t.regex(inspect(error), /nowhere/);
    t.notRegex(inspect(error), /secret/);
    await db.close();
  }
});

test('a PostgreSQL that cannot be reached is busy, and keeps its password', async (t) => {
  const connection = 'postgresql://glance:secret@127.0.0.1:1/glance';
  const db = await connect({ connection, maxPoolSize: 2 }, silent);
  const error = await t.throwsAsync(db.read((session) => session.rows(sql`SELECT 1`)));
  t.true(isRegistryError(error, 'busy'), String(error));
  t.notRegex(inspect(error), /secret/);
  await db.close();
});

test('a statement of PostgreSQL that outlives its time is busy', async (t) => {
  const connection = await (await postgres()).createDatabase();
  const db = await connect({ connection, statementTimeout: 0.05 }, silent);
  const error = await t.throwsAsync(db.read((session) => session.rows(sql`SELECT pg_sleep(60)`)));
  t.true(isRegistryError(error, 'busy'));
  t.regex(error.message, /too long/);
  await db.close();
});
