import { parseAddresses } from '../auth/trusted-addresses.js';
import { createFileCache } from '../cache/file-cache.js';
import type { Config } from '../config/load.js';
import type { LocationCache } from '../domain/ports/location-cache.js';
import type { Log } from '../domain/ports/log.js';
import { StartupError } from '../process/startup-error.js';
import type { DeliveryRules } from '../service/delivery.js';

/** By which way bytes reach clients. Throws StartupError for a network that is none. */
export function deliveryRules(config: Config): DeliveryRules {
  const { glimpse } = config.values;
  try {
    return {
      standard: glimpse.location_delivery,
      networks: glimpse.location_delivery_networks.map(({ network, delivery }) => ({
        has: parseAddresses([network], 'location_delivery_networks'),
        delivery,
      })),
      onRequest: glimpse.location_redirect_on_request,
      redirectsTokens: glimpse.redirect_with_token,
      signedSeconds: glimpse.direct_download_seconds || undefined,
      sendsFiles: glimpse.accel_redirect_prefix !== null,
    };
  } catch (error) {
    throw new StartupError(error instanceof Error ? error.message : String(error), 1, { cause: error });
  }
}

/** The copies of external locations; undefined where none are kept. Throws StartupError when their folder is missing or cannot be made. */
export async function openLocationCache(config: Config, log: Log): Promise<LocationCache | undefined> {
  const { glimpse } = config.values;
  const { location_cache_dir: folder, location_cache_max_size: maxBytes } = glimpse;
  const wanted = [glimpse.location_delivery, ...glimpse.location_delivery_networks.map(({ delivery }) => delivery)];
  if (!folder) {
    if (!wanted.includes('cache')) return undefined;
    throw new StartupError(
      'location_cache_dir: external locations are to be delivered by cache, and no folder is named for the copies.',
    );
  }
  try {
    return await createFileCache({ folder, maxBytes, log });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new StartupError(`location_cache_dir: ${reason}`, 1, { cause: error });
  }
}
