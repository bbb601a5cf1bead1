import { parseFilesystemOptions } from '../../stores/filesystem/options.js';
import { openStores } from '../../stores/index.js';
import { createStorePool } from '../../stores/pool.js';
import type { Config } from '../config/load.js';
import type { Metrics } from '../domain/ports/metrics.js';
import type { StorePool } from '../domain/ports/store-pool.js';
import { createGuardedFetch } from '../net/guarded-fetch.js';
import { measuredStores } from '../process/metrics/measured.js';
import { StartupError } from '../process/startup-error.js';

/** Opens the configured stores. Throws StartupError, with Glance's exit code for stores, naming what is wrong. */
export async function openPool(config: Config, metrics?: Metrics): Promise<StorePool> {
  const { glance_store: stores, import_filtering_opts: sources } = config.values;
  try {
    const opened = await openStores(stores.stores, {
      filesystem: () =>
        parseFilesystemOptions({
          datadir:
            stores.filesystem_store_datadir ??
            (stores.filesystem_store_datadirs.length > 0 ? undefined : '/var/lib/glance/images'),
          datadirs: stores.filesystem_store_datadirs,
          filePermissions: stores.filesystem_store_file_perm,
        }),
      fetch: () =>
        createGuardedFetch({
          allowedSchemes: sources.allowed_schemes,
          disallowedSchemes: sources.disallowed_schemes,
          allowedHosts: sources.allowed_hosts,
          disallowedHosts: sources.disallowed_hosts,
          allowedPorts: sources.allowed_ports,
          disallowedPorts: sources.disallowed_ports,
        }),
    });
    return createStorePool(measuredStores(opened, metrics), stores.default_store);
  } catch (error) {
    throw new StartupError(error instanceof Error ? error.message : String(error), 3, { cause: error });
  }
}
