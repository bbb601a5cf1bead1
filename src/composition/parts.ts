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
import { V1_RULES } from '../policy/defaults.js';
import { createPolicy } from '../policy/enforce.js';
import { V2_LEGACY_RULES, V2_RULES } from '../policy/rbac.js';
import type { RuleBook } from '../policy/rule-book.js';
import { localWorkers } from '../process/local-workers.js';
import { measuredRegistry } from '../process/metrics/measured.js';
import { monotonicClock } from '../process/monotonic-clock.js';
import { openRegistry, type Registry } from '../registry/open.js';
import { UploadWatch } from '../service/upload-watch.js';
import { openLocationCache } from './open-delivery.js';
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

function openPolicy(config: Config, book: RuleBook, log: Log): Policy {
  const { policy_file: name, policy_default_rule: defaultRule } = config.values.oslo_policy;
  return createPolicy({ file: config.find(name) ?? name, defaultRule, book, log: log.child('policy') });
}

/** Opens them. Throws StartupError for what an operator has to mend. */
export async function openParts(config: Config, log: Log, metrics?: Metrics): Promise<Parts> {
  const { values } = config;
  const clock = monotonicClock();
  const policies = {
    v1: openPolicy(config, V1_RULES, log),
    v2: openPolicy(config, values.oslo_policy.enforce_new_defaults ? V2_RULES : V2_LEGACY_RULES, log),
  };
  const protect = openProtections(config);
  const protections = { v1: protect(policies.v1), v2: protect(policies.v2) };
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
