import type { ImageRegistry } from '../domain/ports/images.js';
import type { UploadLeases } from '../domain/ports/leases.js';
import type { MemberRegistry } from '../domain/ports/members.js';
import type { StorageQuota } from '../domain/ports/quotas.js';

/** What is recorded of images, behind the four ports of one registry. */
export interface RegistryPorts {
  readonly images: ImageRegistry;
  readonly members: MemberRegistry;
  readonly quotas: StorageQuota;
  readonly leases: UploadLeases;
}
