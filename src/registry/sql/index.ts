import type { Clock } from '../../domain/ports/clock.js';
import type { ImageRegistry } from '../../domain/ports/images.js';
import type { UploadLeases } from '../../domain/ports/leases.js';
import type { MemberRegistry } from '../../domain/ports/members.js';
import type { StorageQuota } from '../../domain/ports/quotas.js';
import type { Database } from './database.js';
import { SqlImageRegistry } from './image-registry.js';
import { SqlMemberRegistry } from './member-registry.js';
import { SqlStorageQuota } from './storage-quota.js';
import { SqlUploadLeases } from './upload-leases.js';

export { type ConnectOptions, connect } from './connect.js';
export type { Database } from './database.js';
export { migrate, type SchemaStatus, schemaStatus } from './migrate.js';
export { type PurgeOptions, purge } from './purge.js';

/** What is recorded of images, behind the four ports of one registry. */
export interface RegistryPorts {
  readonly images: ImageRegistry;
  readonly members: MemberRegistry;
  readonly quotas: StorageQuota;
  readonly leases: UploadLeases;
}

/** The registry in a database whose schema is current. */
export function createRegistry(db: Database, clock: Clock): RegistryPorts {
  return {
    images: new SqlImageRegistry(db, clock),
    members: new SqlMemberRegistry(db, clock),
    quotas: new SqlStorageQuota(db),
    leases: new SqlUploadLeases(db),
  };
}
