import test, { type ExecutionContext } from 'ava';
import { migrations } from '../../../migrations/index.js';
import type { Migration } from '../../../migrations/migration.js';
import { isRegistryError } from '../../../src/domain/errors.js';
import { sql } from '../../../src/registry/sql/fragment.js';
import { connect, type Database, migrate, schemaStatus } from '../../../src/registry/sql/index.js';
import { text } from '../../../src/registry/sql/rows.js';
import { postgres, silent, stopPostgres } from '../../support/databases.js';

test.after.always(stopPostgres);

const step = (name: string, needs: string): Migration => ({
  name,
  needs,
  async up(knex) {
    await knex.schema.raw(`CREATE TABLE step_${name.slice(0, 4)} (id INTEGER)`);
  },
});
const COMPATIBLE = [...migrations, step('9001-new', '0.0.1')];
const INCOMPATIBLE = [...COMPATIBLE, step('9002-newest', '999.0.0')];

for (const dialect of ['sqlite', 'postgresql'] as const) {
  const check = (title: string, body: (t: ExecutionContext, db: Database) => Promise<void>) =>
    test(`${dialect}: ${title}`, async (t) => {
      const connection = dialect === 'sqlite' ? 'sqlite://' : await (await postgres()).createDatabase();
      const db = await connect({ connection }, silent);
      await body(t, db);
      await db.close();
    });

  check('an empty database gets the whole schema, an older one the rest', async (t, db) => {
    const latest = migrations.at(-1)?.name ?? '';
    t.deepEqual(await schemaStatus(db), { version: null, latest, state: 'empty' });
    await migrate(db);
    await migrate(db);
    t.like(await schemaStatus(db), { version: latest, latest, state: 'current' });
    t.like(await schemaStatus(db, COMPATIBLE), { version: latest, latest: '9001-new', state: 'older' });
    await migrate(db, COMPATIBLE);
    t.like(await schemaStatus(db, COMPATIBLE), { version: '9001-new', state: 'current' });
  });

  check('a newer schema is used while it allows that', async (t, db) => {
    await migrate(db, COMPATIBLE);
    t.like(await schemaStatus(db), { version: '9001-new', state: 'newer-compatible' });
    await migrate(db);
    t.like(await schemaStatus(db), { version: '9001-new', state: 'newer-compatible' });
    await migrate(db, INCOMPATIBLE);
    t.like(await schemaStatus(db), { version: '9002-newest', state: 'newer-incompatible', needs: '999.0.0' });
    const error = await t.throwsAsync(migrate(db));
    t.true(isRegistryError(error, 'conflict'));
    t.regex(error.message, /999\.0\.0/);
  });

  check('a step that fails leaves nothing behind', async (t, db) => {
    const broken: Migration = {
      ...step('9003-broken', '0.0.1'),
      async up(knex) {
        await knex.schema.raw('CREATE TABLE half (id INTEGER)');
        throw new Error('broken');
      },
    };
    await t.throwsAsync(migrate(db, [...migrations, broken]), { message: /broken/ });
    t.is((await schemaStatus(db)).state, 'empty');
    await t.throwsAsync(
      db.read((session) => session.rows(sql`SELECT * FROM half`)),
      { any: true },
    );
    await migrate(db);
    t.is((await schemaStatus(db)).state, 'current');
  });
}

test("SQLite's schema has Glance's tables and does without the type BIGINT", async (t) => {
  const db = await connect({ connection: 'sqlite://' }, silent);
  await migrate(db);
  const rows = await db.read((session) => session.rows(sql`SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL`));
  const names = rows.map((row) => text(row.name));
  for (const table of ['images', 'image_properties', 'image_members', 'image_tags', 'image_locations']) {
    t.true(names.includes(table), table);
  }
  t.false(rows.some((row) => /bigint/i.test(text(row.sql))));
  await db.close();
});

test('every text of PostgreSQL that is compared sorts by code point', async (t) => {
  const db = await connect({ connection: await (await postgres()).createDatabase() }, silent);
  await migrate(db);
  const rows = await db.read((session) =>
    session.rows(sql`SELECT table_name, column_name FROM information_schema.columns
      WHERE table_schema = 'public' AND data_type = 'text' AND collation_name IS DISTINCT FROM 'C'`),
  );
  t.deepEqual(rows, []);
  await db.close();
});
