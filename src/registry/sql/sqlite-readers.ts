import type Sqlite from 'better-sqlite3';
import type { Reader, Session } from './database.js';
import type { Fragment } from './fragment.js';
import type { Row } from './rows.js';
import { openConnection, patiently, prepare } from './sqlite-client.js';

/**
 * Connections to a SQLite file that only read. With a write-ahead log each sees the last commit while the writer works.
 * Lists and shows are most of a registry's work, and knex's way of a statement to the driver is longer than SQLite's to the rows
 * (docs/adr/0002-list-queries.md): so they go without it.
 */
export class SqliteReaders implements Reader {
  private readonly idle: Sqlite.Database[] = [];
  private readonly waiting: ((connection: Sqlite.Database) => void)[] = [];
  private opened = 0;

  constructor(
    private readonly file: string,
    private readonly most: number,
  ) {}

  async read<T>(work: (session: Session) => Promise<T>): Promise<T> {
    const connection = await this.acquire();
    try {
      await patiently(() => prepare(connection, 'BEGIN').run());
      try {
        return await work(sessionOf(connection));
      } finally {
        prepare(connection, 'COMMIT').run();
      }
    } finally {
      this.release(connection);
    }
  }

  async close(): Promise<void> {
    for (const connection of this.idle.splice(0)) connection.close();
  }

  private async acquire(): Promise<Sqlite.Database> {
    const idle = this.idle.pop();
    if (idle !== undefined) return idle;
    if (this.opened === this.most) return new Promise((resolve) => this.waiting.push(resolve));
    this.opened += 1;
    try {
      return await openConnection(this.file);
    } catch (error) {
      this.opened -= 1;
      throw error;
    }
  }

  private release(connection: Sqlite.Database): void {
    const next = this.waiting.shift();
    if (next === undefined) this.idle.push(connection);
    else next(connection);
  }
}

/** One statement and what makes rows of its columns: the driver's own way to objects takes twice as long for wide rows. */
interface Query {
  readonly statement: Sqlite.Statement<unknown[], unknown[]>;
  readonly columns: readonly string[];
}

const queries = new WeakMap<Sqlite.Database, Map<string, Query>>();
/** Queries kept per connection: more than the program has, fewer than odd lists could make. */
const MOST_QUERIES = 200;

function queryOf(connection: Sqlite.Database, text: string): Query {
  const known = queries.get(connection) ?? new Map<string, Query>();
  queries.set(connection, known);
  const query = known.get(text);
  if (query !== undefined) return query;
  const statement = connection.prepare<unknown[], unknown[]>(text).raw();
  const made = { statement, columns: statement.columns().map(({ name }) => name) };
  if (known.size >= MOST_QUERIES) known.clear();
  known.set(text, made);
  return made;
}

function rowsOf({ statement, columns }: Query, values: readonly unknown[]): Row[] {
  return statement.all([...values]).map((cells) => {
    const row: Record<string, unknown> = {};
    columns.forEach((column, index) => {
      row[column] = cells[index];
    });
    return row;
  });
}

function sessionOf(connection: Sqlite.Database): Session {
  return {
    dialect: 'sqlite',
    rows: (statement: Fragment) => patiently(() => rowsOf(queryOf(connection, statement.text), statement.values)),
    run: () => Promise.reject(new TypeError('A reader does not write')),
  };
}
