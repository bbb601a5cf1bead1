import { isRegistryError, RegistryError } from '../domain/errors.js';
import type { ImageId } from '../domain/image.js';
import type { Clock } from '../domain/ports/clock.js';
import type { ImageRegistry } from '../domain/ports/images.js';
import type { Lease, UploadLeases } from '../domain/ports/leases.js';
import type { Log } from '../domain/ports/log.js';
import type { StorageQuota } from '../domain/ports/quotas.js';
import type { StorePool } from '../domain/ports/store-pool.js';
import type { Workers } from '../domain/ports/workers.js';

export interface UploadWatchOptions {
  readonly leases: UploadLeases;
  readonly images: ImageRegistry;
  readonly quotas: StorageQuota;
  readonly stores: StorePool;
  readonly workers: Workers;
  readonly clock: Clock;
  readonly log: Log;
  /** Seconds after which an upload whose process says nothing counts as abandoned. */
  readonly leaseSeconds: number;
}

/**
 * Keeps a lease for every upload of this process, and cleans up after processes that died in one: the image is reset and what
 * was written is removed. A restart of one process never touches what another is doing.
 */
export class UploadWatch {
  readonly worker: string;
  private readonly uploading = new Set<ImageId>();
  private timer: NodeJS.Timeout | undefined;
  private round: Promise<void> = Promise.resolve();
  private sweeping: Promise<void> = Promise.resolve();

  constructor(private readonly options: UploadWatchOptions) {
    this.worker = options.workers.self;
  }

  /**
   * `store` is the id of the one that receives the bytes; undefined where they stay where they are, which nobody cleans up then.
   * Throws conflict when another upload of the image is under way.
   */
  async begin(image: ImageId, store: string | undefined, abandoned: Lease['abandoned']): Promise<void> {
    if (this.uploading.has(image)) throw new RegistryError('conflict', 'Image operation conflicts');
    this.uploading.add(image);
    try {
      await this.options.leases.take({
        image,
        worker: this.worker,
        expiresAt: this.expiry(),
        abandoned,
        store: store ?? '',
      });
    } catch (error) {
      this.uploading.delete(image);
      if (isRegistryError(error, 'conflict'))
        throw new RegistryError('conflict', 'Image operation conflicts', { cause: error });
      throw error;
    }
  }

  async end(image: ImageId): Promise<void> {
    try {
      await this.options.leases.release(image, this.worker);
    } finally {
      this.uploading.delete(image);
    }
  }

  /** False when the lease was lost: this process was silent for so long that another has cleaned up after it. */
  async holds(image: ImageId): Promise<boolean> {
    const leases = await this.options.leases.all();
    return leases.some((lease) => lease.image === image && lease.worker === this.worker);
  }

  /**
   * Starts the rounds: renew own leases, look for abandoned ones. The first look is at once; the stores are swept after it, unless the process is
   * too short-lived for that.
   */
  start(sweeps = true): void {
    const every = (this.options.leaseSeconds * 1000) / 3;
    this.round = this.look();
    // Beside the rounds: a large store takes longer than a lease, and leases must be renewed meanwhile.
    if (sweeps) this.sweeping = this.round.then(() => this.sweep());
    this.timer = setInterval(() => {
      this.round = this.round.then(() => this.look());
    }, every);
    this.timer.unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await Promise.all([this.round, this.sweeping]);
  }

  private expiry(): number {
    return this.options.clock.now() + this.options.leaseSeconds * 1e6;
  }

  private async look(): Promise<void> {
    const { leases, clock, log, workers } = this.options;
    try {
      if (this.uploading.size > 0) await leases.renew(this.worker, this.expiry());
      const now = clock.now();
      for (const lease of await leases.all()) {
        if (lease.expiresAt > now && !workers.isGone(lease.worker)) continue;
        if (await leases.takeOver(lease, this.worker, this.expiry())) await this.recover(lease);
      }
    } catch (error) {
      log.error('the look for abandoned uploads failed', { error });
    }
  }

  private async recover(lease: Lease): Promise<void> {
    const { images, leases, quotas, stores, log } = this.options;
    try {
      await images.change(lease.image, { status: lease.abandoned }, { status: ['saving', 'importing'] });
      log.warning(`the upload of image ${lease.image} was abandoned; the image is ${lease.abandoned}`);
    } catch (error) {
      if (!isRegistryError(error, 'conflict', 'not-found')) throw error;
    }
    if (!(await this.hasBytes(lease.image))) await stores.byId(lease.store)?.discard(lease.image, lease.worker);
    await quotas.settle(lease.image);
    await leases.release(lease.image, this.worker);
  }

  private async hasBytes(id: ImageId): Promise<boolean> {
    try {
      const image = await this.options.images.get(id, { kind: 'admin', seesDeleted: true });
      return image.locations.length > 0 && image.status !== 'deleted';
    } catch (error) {
      if (isRegistryError(error, 'not-found')) return false;
      throw error;
    }
  }

  private async sweep(): Promise<void> {
    const { images, leases, stores, clock, log } = this.options;
    for (const store of stores.stores) {
      try {
        const report = await store.sweep?.({
          standing: (ids) => images.standing(ids),
          aliveWorkers: (workers) => leases.alive(workers, clock.now()),
        });
        if (report === undefined) continue;
        if (report.removed > 0) log.info(`store ${store.id}: ${report.removed} leftovers removed`);
        if (report.unknown > 0)
          log.warning(
            `store ${store.id}: ${report.unknown} files belong to no image of this registry; they are left alone`,
          );
      } catch (error) {
        log.error(`the sweep of store ${store.id} failed`, { error });
      }
    }
  }
}
