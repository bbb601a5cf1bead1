import type { Actor } from '../../src/domain/actor.js';
import type { Image } from '../../src/domain/image.js';
import type { LocationCache } from '../../src/domain/ports/location-cache.js';
import type { Store } from '../../src/domain/ports/store.js';
import { createInlineHasher } from '../../src/hashing/hasher.js';
import { createMemoryRegistry } from '../../src/registry/memory/index.js';
import { DeliveryPlan, type DeliveryRules, type Reader } from '../../src/service/delivery.js';
import { ExternalSources } from '../../src/service/external-sources.js';
import { ImageService } from '../../src/service/image-service.js';
import { LocationHashes } from '../../src/service/location-hashes.js';
import { LocationImport } from '../../src/service/location-import.js';
import { Locations } from '../../src/service/locations.js';
import { StorageLimit } from '../../src/service/storage-limit.js';
import { type Upload, UploadService } from '../../src/service/upload-service.js';
import { UploadWatch } from '../../src/service/upload-watch.js';
import { createMemoryStore } from '../../stores/memory/memory-store.js';
import { createStorePool } from '../../stores/pool.js';
import { anImage, steadyClock } from './image-factory.js';
import { quietLog } from './quiet-log.js';

/** An administrator, by name. */
export const ROOT: Actor = {
  user: 'root',
  tenant: null,
  owner: null,
  roles: ['admin'],
  isAdmin: true,
  readOnly: false,
};

export interface ServicesOptions extends Partial<DeliveryRules> {
  readonly storageQuota?: number;
  readonly cache?: LocationCache;
}

const PROXIED: DeliveryRules = {
  standard: 'proxy',
  networks: [],
  onRequest: false,
  redirectsTokens: false,
  signedSeconds: undefined,
  sendsFiles: false,
};

/** Someone on this machine, without a token. */
export const READER: Reader = { address: '127.0.0.1', hasToken: false, wantsRedirect: false };

/** The services over a registry and stores in memory, with a clock that moves by itself. */
export function services(
  stores: readonly Store[] = [createMemoryStore()],
  { storageQuota = 0, cache, ...delivers }: ServicesOptions = {},
) {
  const clock = steadyClock();
  const registry = createMemoryRegistry(clock);
  const lines: string[] = [];
  const log = quietLog(lines);
  const pool = createStorePool(stores, stores[0]?.id ?? '');
  const gone = new Set<string>();
  const { images, quotas, leases } = registry;
  const hasher = createInlineHasher();
  const delivery = new DeliveryPlan(pool, { ...PROXIED, ...delivers });
  const locations = new Locations({ stores: pool, images, hasher, delivery, cache, log });
  const hashes = new LocationHashes({ stores: pool, hasher, sizeCap: 1000, retries: 1 });
  const watch = new UploadWatch({
    leases,
    images,
    quotas,
    stores: pool,
    workers: { self: 'self', isGone: (worker) => gone.has(worker) },
    clock,
    log,
    leaseSeconds: 60,
  });
  const uploads = new UploadService({
    images,
    stores: pool,
    hasher,
    storageLimit: new StorageLimit(quotas, storageQuota),
    watch,
    log,
    sizeCap: 1000,
    hashAlgorithm: 'sha512',
  });
  const service = new ImageService({
    images,
    quotas,
    locations,
    hashes,
    clock,
    delayedDelete: false,
    propertyQuota: 3,
  });
  const storageLimit = new StorageLimit(quotas, storageQuota);
  const locationImport = new LocationImport({
    images,
    stores: pool,
    storageLimit,
    watch,
    hashes,
    log,
    secureHash: true,
    hashAlgorithm: 'sha512',
    sizeCap: 1000,
  });
  const sources = new ExternalSources({ images, stores: pool, uploads, hashes, hashAlgorithm: 'sha512', log });
  return {
    ...registry,
    clock,
    locationImport,
    sources,
    pool,
    locations,
    hashes,
    watch,
    uploads,
    service,
    /** What was logged. */
    lines,
    /** Workers that run no more. */
    gone,
    /** A new image in the registry. */
    async image(fields: Partial<Image> = {}): Promise<Image> {
      const image = anImage(fields);
      await images.add(image);
      return image;
    },
    /** The image as it is now, tombstones too. */
    now: (image: Image): Promise<Image> => images.get(image.id, { kind: 'admin', seesDeleted: true }),
  };
}

/** An upload of these chunks. */
export function anUpload(chunks: readonly string[], more: Partial<Upload> = {}): Upload {
  return {
    async *open() {
      for (const chunk of chunks) yield Buffer.from(chunk);
    },
    store: undefined,
    length: undefined,
    expected: { size: undefined, checksum: undefined },
    from: ['queued'],
    failed: 'killed',
    signal: new AbortController().signal,
    ...more,
  };
}
