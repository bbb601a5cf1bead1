/** The parts of knex's own SQLite client that ours builds on; knex publishes types for its base client only. */
declare module 'knex/lib/dialects/better-sqlite3/index.js' {
  import type Sqlite from 'better-sqlite3';
  import { Knex } from 'knex';

  export interface Query {
    sql: string;
    bindings?: readonly unknown[];
    response?: unknown;
    context?: { lastID: number | bigint; changes: number };
  }

  export default class BetterSqlite3Client extends Knex.Client {
    acquireRawConnection(): Promise<Sqlite.Database>;
    _query(connection: Sqlite.Database, query: Query): Promise<Query>;
    _formatBindings(bindings: readonly unknown[] | undefined): unknown[];
  }
}
