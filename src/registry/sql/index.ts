import type { Clock } from '../../domain/ports/clock.js';
import type { RegistryPorts } from '../ports.js';
import type { Database } from './database.js';
import { SqlImageRegistry } from './image-registry.js';
import { SqlMemberRegistry } from './member-registry.js';
import { SqlStorageQuota } from './storage-quota.js';
import { SqlUploadLeases } from './upload-leases.js';

export { type ConnectOptions, connect } from './connect.js';
export type { Database } from './database.js';
export { migrate, type SchemaStatus, schemaStatus } from './migrate.js';
export { type PurgeOptions, purge } from './purge.js';

/** The registry in a database whose schema is current. */
export function createRegistry(db: Database, clock: Clock): RegistryPorts {
  return {
    images: new SqlImageRegistry(db, clock),
    members: new SqlMemberRegistry(db, clock),
    quotas: new SqlStorageQuota(db),
    leases: new SqlUploadLeases(db),
  };
}
