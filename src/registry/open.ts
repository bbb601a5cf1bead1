import type { Values } from '../config/options.js';
import type { Clock } from '../domain/ports/clock.js';
import type { ImageRegistry } from '../domain/ports/images.js';
import type { UploadLeases } from '../domain/ports/leases.js';
import type { Log } from '../domain/ports/log.js';
import type { MemberRegistry } from '../domain/ports/members.js';
import type { StorageQuota } from '../domain/ports/quotas.js';
import { StartupError } from '../process/startup-error.js';
import { connect, createRegistry, type Database, migrate, schemaStatus } from './sql/index.js';

/** Everything that is recorded of images, and the connection to give back. */
export interface Registry {
  readonly images: ImageRegistry;
  readonly members: MemberRegistry;
  readonly quotas: StorageQuota;
  readonly leases: UploadLeases;
  close(): Promise<void>;
}

/**
 * An empty database is always created; an older schema is brought up to date where `auto_migrate` says so, and refused otherwise;
 * a newer one is refused only where it says that it needs newer programs. Throws StartupError with the command to run.
 */
async function prepareSchema(database: Database, autoMigrate: boolean, log: Log): Promise<void> {
  const status = await schemaStatus(database);
  switch (status.state) {
    case 'current':
      return;
    case 'newer-compatible':
      log.info(`the database schema ${status.version} is newer than this program's ${status.latest}, and fits it`);
      return;
    case 'newer-incompatible':
      throw new StartupError(
        `The database schema ${status.version} needs a newer program than this one, which knows ${status.latest}.`,
      );
    case 'older':
      if (!autoMigrate) {
        throw new StartupError(
          `The database schema ${status.version} is older than this program's ${status.latest}. Run: glance-manage db sync ` +
            '(with the same configuration), or set [glimpse] auto_migrate = True.',
        );
      }
      break;
    case 'empty':
      break;
  }
  await migrate(database);
  log.info(`the database schema is at ${status.latest}`);
}

/** Connects to the configured database and makes sure of its schema. Throws StartupError. */
export async function openRegistry(values: Values, clock: Clock, log: Log): Promise<Registry> {
  const { connection, max_pool_size: maxPoolSize } = values.database;
  const statementTimeout = values.glimpse.statement_timeout;
  const database = await connect({ connection, maxPoolSize, statementTimeout }, log);
  try {
    await prepareSchema(database, values.glimpse.auto_migrate, log);
    return { ...createRegistry(database, clock), close: () => database.close() };
  } catch (error) {
    await database.close();
    throw error;
  }
}
