import { readFileSync } from 'node:fs';
import type { Knex } from 'knex';
import { migrations } from '../../../migrations/index.js';
import type { Migration } from '../../../migrations/migration.js';
import { RegistryError } from '../../domain/errors.js';
import type { Database, Dialect, Session } from './database.js';
import { sql } from './fragment.js';
import { text } from './rows.js';

export interface SchemaStatus {
  /** Name of the last step that the database took; null for an empty one. */
  readonly version: string | null;
  /** Name of the last step that this program knows. */
  readonly latest: string;
  readonly state: 'empty' | 'older' | 'current' | 'newer-compatible' | 'newer-incompatible';
  /** The oldest program version that may use the schema. */
  readonly needs?: string;
}

const TABLE = 'schema_migrations';
/** Any number, the same in all versions of the program. */
const LOCK = 4_207_991;

/** What the database's schema is to this program. */
export function schemaStatus(db: Database, known = migrations): Promise<SchemaStatus> {
  return db.read((session) => statusOf(session, known));
}

/**
 * Brings the schema up to date; a newer one is left as it is. One transaction with a lock that ends with the process,
 * so that several processes may start at once and none leaves a lock behind when it is killed.
 * Throws conflict for a newer schema that this program must not use.
 */
export async function migrate(db: Database, known = migrations): Promise<void> {
  await db.migrating(async (transaction, session) => {
    // SQLite's transaction is exclusive by itself.
    if (db.dialect === 'postgresql') {
      await session.rows(sql`SELECT set_config('statement_timeout', '0', true), pg_advisory_xact_lock(${LOCK})`);
    }
    const { state, needs } = await statusOf(session, known);
    if (state === 'newer-incompatible') {
      throw new RegistryError('conflict', `The schema of the database needs version ${needs} or later of this program`);
    }
    if (state !== 'empty' && state !== 'older') return;
    await transaction.migrate.latest({ migrationSource: source(known, db.dialect), tableName: TABLE });
    const needed = known.map((migration) => migration.needs).sort(compareVersions);
    await session.run(sql`DELETE FROM schema_facts WHERE name = 'needs'`);
    await session.run(sql`INSERT INTO schema_facts (name, value) VALUES ('needs', ${needed.at(-1) ?? '0.0.0'})`);
  });
}

async function statusOf(session: Session, known: readonly Migration[]): Promise<SchemaStatus> {
  const latest = known.at(-1)?.name ?? '';
  if (!(await hasSchema(session))) return { version: null, latest, state: 'empty' };
  const taken = await session.rows(sql`SELECT name FROM schema_migrations ORDER BY id`);
  const version = taken.length === 0 ? null : text(taken.at(-1)?.name);
  if (version === null) return { version, latest, state: 'empty' };
  const facts = await session.rows(sql`SELECT value FROM schema_facts WHERE name = 'needs'`);
  const needs = text(facts[0]?.value);
  const names = new Set(known.map(({ name }) => name));
  if (taken.some((row) => !names.has(text(row.name)))) {
    const compatible = compareVersions(needs, programVersion()) <= 0;
    return { version, latest, state: compatible ? 'newer-compatible' : 'newer-incompatible', needs };
  }
  return { version, latest, state: taken.length === known.length ? 'current' : 'older', needs };
}

async function hasSchema(session: Session): Promise<boolean> {
  const rows = await session.rows(
    session.dialect === 'sqlite'
      ? sql`SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ${TABLE}`
      : sql`SELECT 1 FROM information_schema.tables WHERE table_schema = ANY (current_schemas(false)) AND table_name = ${TABLE}`,
  );
  return rows.length > 0;
}

function source(known: readonly Migration[], dialect: Dialect): Knex.MigrationSource<Migration> {
  return {
    getMigrations: async () => [...known],
    getMigrationName: ({ name }) => name,
    getMigration: async (migration) => ({
      up: (knex) => migration.up(knex, dialect),
      down: () => Promise.reject(new Error('Schemas only go forward: restore a backup instead')),
    }),
  };
}

/** This program's version, as its package says. */
export function programVersion(): string {
  const manifest: { version: string } = JSON.parse(
    readFileSync(new URL('../../../../package.json', import.meta.url), 'utf8'),
  );
  return manifest.version;
}

function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map((version) => version.split('.').map(Number));
  for (const place of [0, 1, 2]) {
    const difference = (left?.[place] ?? 0) - (right?.[place] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
