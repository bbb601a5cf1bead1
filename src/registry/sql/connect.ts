import { dirname } from 'node:path';
import knexFactory, { type Knex } from 'knex';
import { RegistryError } from '../../domain/errors.js';
import type { Log } from '../../domain/ports/log.js';
import { makeFolders } from '../../stream/make-folders.js';
import { parseAddress } from './address.js';
import { type Database, openDatabase, sharedReader } from './database.js';
import { type SqliteClient, SqliteWriterClient } from './sqlite-client.js';
import { SqliteReaders } from './sqlite-readers.js';

export interface ConnectOptions {
  /** As `[database] connection`: see parseAddress. */
  readonly connection: string;
  /** Connections to PostgreSQL; 10 by default. */
  readonly maxPoolSize?: number;
  /** Seconds that one query may take; 30 by default. */
  readonly statementTimeout?: number;
}

const READERS = 4;

/**
 * Opens a database; the folder of a SQLite file is made where it is missing. PostgreSQL is first contacted by the first query.
 * Throws invalid for a connection string of another form, storage-denied when the folder cannot be made.
 */
export async function connect(options: ConnectOptions, log: Log): Promise<Database> {
  const address = parseAddress(options.connection);
  const timeout = options.statementTimeout ?? 30;
  // Values of statements may be secrets (locations with credentials): compileSqlOnError keeps them out of messages.
  const common = { compileSqlOnError: false, useNullAsDefault: true, log: knexLog(log) };
  if (address.dialect === 'postgresql') {
    const knex = knexFactory({
      ...common,
      client: 'pg',
      connection: {
        connectionString: address.url,
        application_name: 'glimpse',
        statement_timeout: timeout * 1000,
        connectionTimeoutMillis: 10_000,
      },
      acquireConnectionTimeout: 15_000,
      pool: { min: 0, max: options.maxPoolSize ?? 10 },
    });
    return openDatabase('postgresql', sharedReader('postgresql', knex), knex, timeout);
  }
  const { file } = address;
  if (file === undefined) {
    const knex = knexFactory({ ...common, ...sqlite(':memory:', SqliteWriterClient, 1) });
    return openDatabase('sqlite', sharedReader('sqlite', knex), knex, timeout);
  }
  await makeFolder(dirname(file));
  const writer = knexFactory({ ...common, ...sqlite(file, SqliteWriterClient, 1) });
  return openDatabase('sqlite', new SqliteReaders(file, READERS), writer, timeout);
}

function sqlite(filename: string, client: typeof SqliteClient, max: number): Knex.Config {
  // A database in memory lives as long as its connection: idle ones are never closed.
  const pool = { min: max === 1 ? 1 : 0, max, idleTimeoutMillis: 2 ** 30 };
  return { client, connection: { filename }, pool, acquireConnectionTimeout: 30_000 };
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await makeFolders(folder);
  } catch (cause) {
    throw new RegistryError('storage-denied', 'The folder of the SQLite database cannot be made', { cause });
  }
}

function knexLog(log: Log): Knex.Logger {
  const text = (message: unknown) => (typeof message === 'string' ? message : 'knex');
  return {
    debug: (message: unknown) => log.debug(text(message)),
    warn: (message: unknown) => log.warning(text(message)),
    error: (message: unknown) => log.error(text(message)),
    deprecate: (method: string, alternative: string) => log.debug(`knex: ${method} is replaced by ${alternative}`),
  };
}
