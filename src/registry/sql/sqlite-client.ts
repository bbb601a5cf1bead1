import { setTimeout as delay } from 'node:timers/promises';
import Sqlite from 'better-sqlite3';
import BetterSqlite3Client, { type Query } from 'knex/lib/dialects/better-sqlite3/index.js';
import type { Row } from './rows.js';

/** How long a statement waits for another process's lock before it fails, in milliseconds. */
const PATIENCE = 15_000;
/** Prepared statements kept per connection: more than the program has, fewer than odd queries could make. */
const MOST_STATEMENTS = 200;

type Statement = Sqlite.Statement<unknown[], Row>;

const prepared = new WeakMap<Sqlite.Database, Map<string, Statement>>();

/**
 * knex's SQLite client with three differences: a lock of another process is waited for asynchronously (SQLite's own
 * busy timeout would block the event loop), statements are prepared once per connection, and a write transaction takes its lock at once.
 */
export class SqliteClient extends BetterSqlite3Client {
  override acquireRawConnection(): Promise<Sqlite.Database> {
    return openConnection(this.file());
  }

  override async _query(connection: Sqlite.Database, query: Query): Promise<Query> {
    const statement = prepare(connection, this.locking(query.sql));
    const bindings = this._formatBindings(query.bindings);
    if (statement.reader) {
      query.response = await patiently(() => statement.all(bindings));
    } else {
      const done = await patiently(() => statement.run(bindings));
      query.response = done;
      query.context = { lastID: done.lastInsertRowid, changes: done.changes };
    }
    return query;
  }

  protected locking(text: string): string {
    return text;
  }

  private file(): string {
    const settings: unknown = this.config.connection;
    if (typeof settings === 'object' && settings !== null && 'filename' in settings) return String(settings.filename);
    throw new TypeError('SQLite needs a file name');
  }
}

/** For the one connection that writes: a deferred transaction that meets a lock half way cannot be tried again. */
export class SqliteWriterClient extends SqliteClient {
  protected override locking(text: string): string {
    return text === 'BEGIN;' ? 'BEGIN IMMEDIATE;' : text;
  }
}

/** A connection as all of this program's are. Waits for another process's lock. */
export async function openConnection(file: string): Promise<Sqlite.Database> {
  const connection = new Sqlite(file, { timeout: 0 });
  await patiently(() => {
    connection.pragma('journal_mode = WAL');
    connection.pragma('synchronous = NORMAL');
    connection.pragma('foreign_keys = ON');
  });
  return connection;
}

/** A statement of a connection, prepared once. */
export function prepare(connection: Sqlite.Database, text: string): Statement {
  const statements = prepared.get(connection) ?? new Map<string, Statement>();
  prepared.set(connection, statements);
  const known = statements.get(text);
  if (known !== undefined) return known;
  const statement = connection.prepare<unknown[], Row>(text);
  if (statements.size >= MOST_STATEMENTS) statements.clear();
  statements.set(text, statement);
  return statement;
}

/** Tries again while another process holds a lock, without blocking the event loop. Throws SQLITE_BUSY in the end. */
export async function patiently<T>(attempt: () => T): Promise<T> {
  const deadline = Date.now() + PATIENCE;
  for (let pause = 1; ; pause = Math.min(2 * pause, 50)) {
    try {
      return attempt();
    } catch (error) {
      const locked = error instanceof Sqlite.SqliteError && error.code === 'SQLITE_BUSY';
      if (!locked || Date.now() > deadline) throw error;
      await delay(pause * (0.5 + Math.random()));
    }
  }
}
