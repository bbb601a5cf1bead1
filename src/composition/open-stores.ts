import { parseFilesystemOptions } from '../../stores/filesystem/options.js';
import { parseHttpOptions } from '../../stores/http/options.js';
import { namedStores, openStores, type StoreSettings, type WantedStore } from '../../stores/index.js';
import { createStorePool } from '../../stores/pool.js';
import { parseS3Options } from '../../stores/s3/options.js';
import { parseSwiftOptions } from '../../stores/swift/options.js';
import { readConfigFile } from '../config/find-files.js';
import { parseIni } from '../config/ini.js';
import type { Backend, Config } from '../config/load.js';
import type { StoreValues } from '../config/options.js';
import type { Hasher } from '../domain/ports/hasher.js';
import type { Metrics } from '../domain/ports/metrics.js';
import type { StorePool } from '../domain/ports/store-pool.js';
import { createGuardedFetch } from '../net/guarded-fetch.js';
import { measuredStores } from '../process/metrics/measured.js';
import { StartupError } from '../process/startup-error.js';

/** The entry of `swift_store_config_file` that is in use; undefined where there is no such file. */
function swiftReference(options: StoreValues, config: Config): Readonly<Record<string, string>> | undefined {
  const { swift_store_config_file: name, default_swift_reference: reference } = options;
  if (name === null) return undefined;
  const file = config.find(name) ?? name;
  const { entries, problems } = parseIni(readConfigFile(file), file);
  if (problems.length > 0) throw new Error(problems.join('\n'));
  const own = entries.filter(({ section }) => section === reference);
  return own.length === 0 ? undefined : Object.fromEntries(own.map((entry) => [entry.name, entry.value]));
}

/** The options of one store, read only when its driver asks. */
function settingsOf(options: StoreValues, config: Config, hasher: Hasher): StoreSettings {
  const sources = config.values.import_filtering_opts;
  const several = options.filesystem_store_datadirs;
  return {
    hasher,
    filesystem: () =>
      parseFilesystemOptions({
        datadir: options.filesystem_store_datadir ?? (several.length > 0 ? undefined : '/var/lib/glance/images'),
        datadirs: several,
        filePermissions: options.filesystem_store_file_perm,
        chunkBytes: options.filesystem_store_chunk_size,
      }),
    s3: () => parseS3Options(options),
    swift: () => parseSwiftOptions(options, swiftReference(options, config)),
    fetch: () =>
      createGuardedFetch(
        {
          allowedSchemes: sources.allowed_schemes,
          disallowedSchemes: sources.disallowed_schemes,
          allowedHosts: sources.allowed_hosts,
          disallowedHosts: sources.disallowed_hosts,
          allowedPorts: sources.allowed_ports,
          disallowedPorts: sources.disallowed_ports,
          blockPrivate: config.values.glimpse.block_private_addresses,
        },
        {
          limits: { maxBytes: config.values.DEFAULT.image_size_cap },
          ...parseHttpOptions({
            caCertificatesFile: options.https_ca_certificates_file,
            insecure: options.https_insecure,
            proxyInformation: options.http_proxy_information,
          }),
        },
      ),
  };
}

/** Glance keeps this prefix for stores of its own. */
const RESERVED = 'os_glance_';

function wantedBackend({ id, type, options }: Backend, config: Config, hasher: Hasher): WantedStore {
  if (id.startsWith(RESERVED)) throw new Error(`enabled_backends: '${id}': names that begin ${RESERVED} are reserved.`);
  return { id, type, settings: settingsOf(options, config, hasher) };
}

async function openBackends(config: Config, hasher: Hasher, metrics: Metrics | undefined): Promise<StorePool> {
  const { backends, values } = config;
  const preferred = values.glance_store.default_backend;
  if (preferred === null) {
    throw new Error(
      'default_backend: with enabled_backends, [glance_store] default_backend must name the one of them that takes uploads.',
    );
  }
  const profiles = new Map(
    backends.map(({ id, options }) => [id, { description: options.store_description, weight: options.weight }]),
  );
  if (!profiles.has(preferred)) throw new Error(`default_backend: no store '${preferred}' is configured.`);
  const opened = await openStores(backends.map((backend) => wantedBackend(backend, config, hasher)));
  return createStorePool(measuredStores(opened, metrics), preferred, profiles);
}

async function openSingle(config: Config, hasher: Hasher, metrics: Metrics | undefined): Promise<StorePool> {
  const { glance_store: options } = config.values;
  const opened = await openStores(namedStores(options.stores, settingsOf(options, config, hasher)));
  return createStorePool(measuredStores(opened, metrics), options.default_store);
}

/** Opens the configured stores: several by `enabled_backends`, else one of each kind in `stores`. Throws StartupError, with Glance's exit code for stores, naming what is wrong. */
export async function openPool(config: Config, hasher: Hasher, metrics?: Metrics): Promise<StorePool> {
  try {
    return await (config.backends.length > 0 ? openBackends : openSingle)(config, hasher, metrics);
  } catch (error) {
    throw new StartupError(error instanceof Error ? error.message : String(error), 3, { cause: error });
  }
}
