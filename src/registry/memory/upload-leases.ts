import type { ImageId } from '../../domain/image.js';
import type { Lease, UploadLeases } from '../../domain/ports/leases.js';
import type { Microseconds } from '../../domain/time.js';
import { compareText } from '../order.js';
import { leased } from '../refusals.js';
import type { State } from './state.js';

export class MemoryUploadLeases implements UploadLeases {
  constructor(private readonly state: State) {}

  async take(lease: Lease): Promise<void> {
    if (this.state.leases.has(lease.image)) throw leased(lease.image);
    this.state.leases.set(lease.image, { ...lease });
  }

  async renew(worker: string, expiresAt: Microseconds): Promise<void> {
    for (const [image, lease] of this.state.leases) {
      if (lease.worker === worker) this.state.leases.set(image, { ...lease, expiresAt });
    }
  }

  async release(image: ImageId, worker: string): Promise<void> {
    if (this.state.leases.get(image)?.worker === worker) this.state.leases.delete(image);
  }

  async all(): Promise<readonly Lease[]> {
    return [...this.state.leases.values()].sort((a, b) => a.expiresAt - b.expiresAt || compareText(a.image, b.image));
  }

  async takeOver(lease: Lease, worker: string, expiresAt: Microseconds): Promise<boolean> {
    const held = this.state.leases.get(lease.image);
    if (held?.worker !== lease.worker || held.expiresAt !== lease.expiresAt) return false;
    this.state.leases.set(lease.image, { ...held, worker, expiresAt });
    return true;
  }

  async alive(workers: readonly string[], now: Microseconds): Promise<ReadonlySet<string>> {
    const held = [...this.state.leases.values()].filter(({ expiresAt }) => expiresAt >= now);
    return new Set(held.map(({ worker }) => worker).filter((worker) => workers.includes(worker)));
  }
}
