import type { Config } from '../config/load.js';
import type { Log } from '../domain/ports/log.js';
import { StartupError } from '../process/startup-error.js';
import type { Database } from '../registry/sql/index.js';

const ACTIONS = ['sync', 'upgrade', 'expand', 'migrate', 'contract', 'version', 'check', 'purge'] as const;
export type DatabaseAction = (typeof ACTIONS)[number];

export function isDatabaseAction(word: string): word is DatabaseAction {
  return ACTIONS.some((action) => action === word);
}

export interface DatabaseRequest {
  readonly config: Config;
  readonly log: Log;
  /** The schema version that the operator asks for; undefined is the latest. */
  readonly target: string | undefined;
  readonly purge: { readonly ageInDays: number; readonly maxRows: number } | undefined;
}

/** Performs one action on the configured database, says what came of it on stdout, and resolves with the exit code. */
export async function databaseAction(action: DatabaseAction, request: DatabaseRequest): Promise<number> {
  const registry = await import('../registry/sql/index.js');
  const { connection } = request.config.values.database;
  const database = await registry.connect({ connection }, request.log);
  try {
    const { text, code } = await perform(registry, database, action, request);
    process.stdout.write(`${text}\n`);
    return code;
  } finally {
    await database.close();
  }
}

async function perform(
  registry: typeof import('../registry/sql/index.js'),
  database: Database,
  action: DatabaseAction,
  { target, purge }: DatabaseRequest,
): Promise<{ text: string; code: number }> {
  const { version, latest, state } = await registry.schemaStatus(database);
  if (action === 'version') {
    return { text: version ?? 'The database is empty. Run `glance-manage db sync` to create its schema.', code: 0 };
  }
  if (action === 'check') {
    if (state === 'current' || state === 'newer-compatible') {
      return { text: 'Database is up to date. No upgrades needed.', code: 0 };
    }
    if (state === 'newer-incompatible') throw newer(version);
    // One step does all here, which is Glance's first: `db expand` is another name of `db sync`.
    return { text: 'Your database is not up to date. Your first step is to run `glance-manage db expand`.', code: 3 };
  }
  if (state === 'newer-incompatible') throw newer(version);
  if (action === 'purge') {
    if (state === 'empty') throw new StartupError('The database is empty. Run `glance-manage db sync` first.');
    const removed = purge ? await registry.purge(database, purge) : 0;
    return { text: `Purged ${removed} deleted ${removed === 1 ? 'image' : 'images'}.`, code: 0 };
  }
  if (target !== undefined && !['head', 'heads', 'latest', latest].includes(target)) {
    throw new StartupError(`Cannot bring the database to version ${target}: this program knows ${latest} only.`);
  }
  if (state === 'current' || state === 'newer-compatible') {
    return { text: 'Database is up to date. No migrations needed.', code: 0 };
  }
  await registry.migrate(database);
  return { text: 'Database is synced successfully.', code: 0 };
}

function newer(version: string | null): StartupError {
  return new StartupError(`The database has schema version ${version}, which needs a newer version of this program.`);
}
