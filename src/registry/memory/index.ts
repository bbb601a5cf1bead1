import type { Clock } from '../../domain/ports/clock.js';
import type { RegistryPorts } from '../ports.js';
import { MemoryImageRegistry } from './image-registry.js';
import { MemoryMemberRegistry } from './member-registry.js';
import { State } from './state.js';
import { MemoryStorageQuota } from './storage-quota.js';
import { MemoryUploadLeases } from './upload-leases.js';

/** A registry that lives as long as the process: for tests, and for those who embed the server and need no database. */
export function createMemoryRegistry(clock: Clock): RegistryPorts {
  const state = new State();
  return {
    images: new MemoryImageRegistry(state, clock),
    members: new MemoryMemberRegistry(state, clock),
    quotas: new MemoryStorageQuota(state),
    leases: new MemoryUploadLeases(state),
  };
}
