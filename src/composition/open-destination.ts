import { loadConfig } from '../config/load.js';
import type { Log } from '../domain/ports/log.js';
import { readAccess } from '../sync/pull/cloud/access.js';
import { readCloudFiles } from '../sync/pull/cloud/cloud-files.js';
import { cloudSettings } from '../sync/pull/cloud/cloud-settings.js';
import { discoverImageApi } from '../sync/pull/cloud/image-api.js';
import { ImageClient } from '../sync/pull/cloud/image-client.js';
import type {
  CloudDestinationOptions,
  Destination,
  DestinationOptions,
  RegistryDestinationOptions,
} from '../sync/pull/destination.js';
import { GlanceV1 } from '../sync/pull/destinations/glance-v1.js';
import { GlanceV2 } from '../sync/pull/destinations/glance-v2.js';
import { LocalRegistry } from '../sync/pull/destinations/local-registry.js';
import { buildInspector, buildServices } from './apis.js';
import { closeParts, openParts } from './parts.js';

/**
 * Opens the place that images go to: logs in to a cloud, or opens the registry of a configuration. `log` gets what the services of that say.
 * Throws SyncError usage, unreachable or destination; for a configuration, ConfigError and StartupError too.
 */
export function openDestination(options: DestinationOptions, log: Log): Promise<Destination> {
  return options.kind === 'cloud' ? openCloud(options) : openLocalRegistry(options, log);
}

async function openCloud({ cloud, settings, files, proxiesFor }: CloudDestinationOptions): Promise<Destination> {
  const region = settings.get('region_name')?.value;
  const ofCloud = cloud === undefined ? [] : cloudSettings(cloud, await readCloudFiles(files), region);
  const access = readAccess(new Map([...ofCloud, ...settings]));
  const client = await ImageClient.open(access, proxiesFor);
  try {
    const { project } = await client.session();
    const api = access.imageApi ?? (await discoverImageApi(client));
    return api === 'v2' ? new GlanceV2(client, project) : new GlanceV1(client, project);
  } catch (error) {
    await client.close();
    throw error;
  }
}

async function openLocalRegistry({ files, dirs, owner }: RegistryDestinationOptions, log: Log): Promise<Destination> {
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
