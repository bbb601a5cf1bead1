import type { Knex } from 'knex';
import { RegistryError } from '../../domain/errors.js';
import type { Fragment } from './fragment.js';
import type { Row } from './rows.js';

export type Dialect = 'sqlite' | 'postgresql';

/** One transaction. */
export interface Session {
  readonly dialect: Dialect;
  rows(statement: Fragment): Promise<readonly Row[]>;
  /** Returns the number of rows written. */
  run(statement: Fragment): Promise<number>;
}

/** A database that holds the registry. */
export interface Database {
  readonly dialect: Dialect;
  /** Seconds that one query may take. */
  readonly statementTimeout: number;
  /** One snapshot. Throws busy when the database is out of reach, locked, or too slow. */
  read<T>(work: (session: Session) => Promise<T>): Promise<T>;
  /** One write transaction, rolled back when `work` throws. `work` may run again after a deadlock. Throws as read does. */
  write<T>(work: (session: Session) => Promise<T>): Promise<T>;
  /** One write transaction with knex's schema builder, for migrations. */
  migrating<T>(work: (transaction: Knex.Transaction, session: Session) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

const DEADLOCKS = new Set(['40001', '40P01']);
const ATTEMPTS = 5;

/** Where queries that write nothing go. */
export interface Reader {
  /** One snapshot. */
  read<T>(work: (session: Session) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** A reader that shares the writer's connections. */
export function sharedReader(dialect: Dialect, knex: Knex): Reader {
  const snapshot: Knex.TransactionConfig =
    dialect === 'postgresql' ? { isolationLevel: 'repeatable read', readOnly: true } : {};
  return { read: (work) => knex.transaction((trx) => work(session(dialect, trx)), snapshot), close: async () => {} };
}

/** A database over knex, and a reader. */
export function openDatabase(dialect: Dialect, reader: Reader, writer: Knex, statementTimeout: number): Database {
  return {
    dialect,
    statementTimeout,
    read: (work) => reader.read(work).catch(explain),
    async write(work) {
      for (let attempt = 1; ; attempt++) {
        try {
          return await writer.transaction((trx) => work(session(dialect, trx)));
        } catch (error) {
          if (attempt === ATTEMPTS || !DEADLOCKS.has(codeOf(error))) return explain(error);
        }
      }
    },
    migrating: (work) => writer.transaction((trx) => work(trx, session(dialect, trx))).catch(explain),
    async close() {
      await reader.close();
      await writer.destroy();
    },
  };
}

function session(dialect: Dialect, trx: Knex.Transaction): Session {
  return {
    dialect,
    async rows(statement) {
      const answer: unknown = await trx.raw(statement.text, [...statement.values]);
      return Array.isArray(answer) ? answer : rowsOf(answer);
    },
    async run(statement) {
      const answer: unknown = await trx.raw(statement.text, [...statement.values]);
      return countOf(answer);
    },
  };
}

function rowsOf(answer: unknown): readonly Row[] {
  if (typeof answer === 'object' && answer !== null && 'rows' in answer && Array.isArray(answer.rows)) {
    return answer.rows;
  }
  throw new TypeError('The statement answers no rows');
}

function countOf(answer: unknown): number {
  if (typeof answer === 'object' && answer !== null) {
    if ('rowCount' in answer) return Number(answer.rowCount);
    if ('changes' in answer) return Number(answer.changes);
  }
  throw new TypeError('The statement writes no rows');
}

/** The code that the driver gave: SQLite's names, PostgreSQL's SQLSTATE, or node's for sockets. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

/** Whether a write failed because a row with this key exists. */
export function isTaken(error: unknown): boolean {
  return ['23505', 'SQLITE_CONSTRAINT_PRIMARYKEY', 'SQLITE_CONSTRAINT_UNIQUE'].includes(codeOf(error));
}

const TOO_SLOW = new Set(['57014']);
const LOCKED = new Set(['SQLITE_BUSY', 'SQLITE_BUSY_SNAPSHOT', 'SQLITE_BUSY_RECOVERY', '40001', '40P01', '55P03']);
/** SQLSTATE classes 08 (connection), 53 (resources) and 57P (shut down), and what sockets say. */
const UNREACHABLE = /^(08...|53...|57P..|ECONNREFUSED|ECONNRESET|ENOENT|ENOTFOUND|ETIMEDOUT|EHOSTUNREACH|EPIPE)$/;
/** What pg says, without a code, of a connection that broke under a statement, or before it. */
const BROKEN = /\b(Connection terminated|is not queryable|Connection ended unexpectedly)\b/;

function explain(cause: unknown): never {
  const code = codeOf(cause);
  const name = cause instanceof Error ? cause.constructor.name : '';
  if (TOO_SLOW.has(code)) throw new RegistryError('busy', 'The database took too long to answer', { cause });
  if (LOCKED.has(code)) throw new RegistryError('busy', 'The database is locked by other writers', { cause });
  const broken = code === '' && cause instanceof Error && BROKEN.test(cause.message);
  if (broken || UNREACHABLE.test(code) || name === 'KnexTimeoutError' || name === 'TimeoutError') {
    throw new RegistryError('busy', 'The database cannot be reached', { cause });
  }
  throw cause;
}
