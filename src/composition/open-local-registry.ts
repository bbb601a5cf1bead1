import { loadConfig } from '../config/load.js';
import type { Log } from '../domain/ports/log.js';
import type { Destination, RegistryDestinationOptions } from '../sync/pull/destination.js';
import { LocalRegistry } from '../sync/pull/destinations/local-registry.js';
import { buildInspector, buildServices } from './apis.js';
import { closeParts, openParts } from './parts.js';

/** The registry and the stores of a configuration as a destination. Throws ConfigError and StartupError. */
export async function openLocalRegistry(
  { files, dirs, owner }: RegistryDestinationOptions,
  log: Log,
): Promise<Destination> {
  const config = loadConfig({
    program: 'glance-api',
    ...(files.length > 0 ? { files } : {}),
    ...(dirs.length > 0 ? { dirs } : {}),
    env: process.env,
    home: process.env.HOME,
    cwd: process.cwd(),
  });
  const { DEFAULT: options, image_format: formats } = config.values;
  const parts = await openParts(config, log);
  const { images, uploads, hashes, sources } = buildServices(config, log, parts);
  // Uploads that take longer than a lease keep it; the stores are for the server to sweep.
  parts.watch.start(false);
  return new LocalRegistry({
    images,
    uploads,
    inspector: buildInspector(config),
    owner,
    diskFormats: formats.disk_formats,
    containerFormats: formats.container_formats,
    tagQuota: options.image_tag_quota,
    async close() {
      await Promise.all([sources.close(), hashes.close()]);
      await closeParts(parts);
    },
  });
}
