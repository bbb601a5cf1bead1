import type { Log } from '../domain/ports/log.js';
import { readAccess } from '../sync/pull/cloud/access.js';
import { readCloudFiles } from '../sync/pull/cloud/cloud-files.js';
import { cloudSettings } from '../sync/pull/cloud/cloud-settings.js';
import { discoverImageApi } from '../sync/pull/cloud/image-api.js';
import { ImageClient } from '../sync/pull/cloud/image-client.js';
import type { CloudDestinationOptions, Destination, DestinationOptions } from '../sync/pull/destination.js';
import { GlanceV1 } from '../sync/pull/destinations/glance-v1.js';
import { GlanceV2 } from '../sync/pull/destinations/glance-v2.js';

/**
 * Opens the place that images go to: logs in to a cloud, or opens the registry of a configuration. `log` gets what the services of that say.
 * Throws SyncError usage, unreachable or destination; for a configuration, ConfigError and StartupError too.
 */
export async function openDestination(options: DestinationOptions, log: Log): Promise<Destination> {
  if (options.kind === 'cloud') return openCloud(options);
  // A mirror of a cloud does without the database, the stores and all that.
  const { openLocalRegistry } = await import('./open-local-registry.js');
  return openLocalRegistry(options, log);
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
