import type { Config } from '../config/load.js';
import type { Clock } from '../domain/ports/clock.js';
import type { Hasher } from '../domain/ports/hasher.js';
import type { LocationCache } from '../domain/ports/location-cache.js';
import type { Log } from '../domain/ports/log.js';
import type { Metrics } from '../domain/ports/metrics.js';
import type { Policy } from '../domain/ports/policy.js';
import type { PropertyProtections } from '../domain/ports/property-protections.js';
import type { StorePool } from '../domain/ports/store-pool.js';
import { createHasher } from '../hashing/hasher.js';
import { localWorkers } from '../process/local-workers.js';
import { measuredRegistry } from '../process/metrics/measured.js';
import { monotonicClock } from '../process/monotonic-clock.js';
import { openRegistry, type Registry } from '../registry/open.js';
import { UploadWatch } from '../service/upload-watch.js';
import { openLocationCache } from './open-delivery.js';
import { openPolicies } from './open-policies.js';
import { openProtections } from './open-protections.js';
import { openPool } from './open-stores.js';

/** Everything that is opened before the first request and closed after the last one. */
export interface Parts {
  readonly clock: Clock;
  readonly policies: { readonly v1: Policy; readonly v2: Policy };
  readonly protections: { readonly v1: PropertyProtections; readonly v2: PropertyProtections };
  readonly registry: Registry;
  readonly pool: StorePool;
  readonly cache: LocationCache | undefined;
  readonly watch: UploadWatch;
  readonly hasher: Hasher;
}

/** Opens them. Throws StartupError for what an operator has to mend. */
export async function openParts(config: Config, log: Log, metrics?: Metrics): Promise<Parts> {
  const { values } = config;
  const clock = monotonicClock();
  const protect = openProtections(config);
  const policies = openPolicies(config, protect.policies, log.child('policy'));
  const protections = { v1: protect.with(policies.v1), v2: protect.with(policies.v2) };
  const registry = measuredRegistry(await openRegistry(values, clock, log.child('registry')), metrics);
  const hasher = createHasher();
  try {
    const pool = await openPool(config, hasher, metrics);
    const cache = await openLocationCache(config, log.child('cache'));
    const watch = new UploadWatch({
      leases: registry.leases,
      images: registry.images,
      quotas: registry.quotas,
      stores: pool,
      workers: localWorkers(),
      clock,
      log: log.child('uploads'),
      leaseSeconds: values.glimpse.upload_lease,
    });
    return { clock, policies, protections, registry, pool, cache, watch, hasher };
  } catch (error) {
    await registry.close();
    throw error;
  }
}

export async function closeParts(parts: Parts): Promise<void> {
  await parts.watch.stop();
  await parts.hasher.close();
  await parts.cache?.close();
  await parts.pool.close();
  await parts.registry.close();
}
