import { isIP } from 'node:net';
import { availableParallelism } from 'node:os';
import type { Config } from '../config/load.js';
import type { Log } from '../domain/ports/log.js';
import { localWorkers } from '../process/local-workers.js';
import { StartupError } from '../process/startup-error.js';
import { programVersion } from '../registry/sql/migrate.js';
import { DeliveryPlan } from '../service/delivery.js';
import { Locations } from '../service/locations.js';
import type { RepositoryTarget } from '../sync/publish/ports.js';
import type { PublishOptions } from '../sync/publish/publisher.js';
import type { PublishSettings } from '../sync/publish/settings.js';
import { createRegistrySource } from '../sync/publish/source.js';
import { openBucketTarget } from '../sync/publish/targets/bucket.js';
import { isBucketUrl, parseBucketPlace } from '../sync/publish/targets/bucket-place.js';
import { openFolderTarget } from '../sync/publish/targets/folder.js';
import { deliveryRules } from './open-delivery.js';
import { openSigning } from './open-signing.js';
import type { Parts } from './parts.js';
import { readPublishSets } from './publish-sets.js';

export interface PublisherChoices {
  /** Instead of `[publish] target`. */
  readonly target?: string;
  /** Instead of `[publish] base_url`. */
  readonly baseUrl?: string;
  /** Of the configured sets those that make up the repository; all, when empty. */
  readonly sets?: readonly string[];
}

/** Where to publish. Throws StartupError where nobody says. */
export function publishTargetName({ values: { publish } }: Config, { target }: PublisherChoices): string {
  const name = target ?? publish.target;
  if (name !== null) return name;
  throw new StartupError(
    'where to publish is not said: name a folder or s3://bucket/prefix, or set [publish] target',
    2,
  );
}

/** Everything that publishOnce and planOnce need but the moment: the signal and what is to be done. */
export type Publisher = Omit<PublishOptions, 'signal'> & { close(): Promise<void> };

const DAY_MS = 86_400_000;

/** Nobody in particular: what such an actor may not read is not published. */
const ANYBODY = {
  user: null,
  tenant: null,
  owner: null,
  roles: [],
  isAdmin: false,
  readOnly: true,
};

/** Opens what the configuration says of publishing, over parts that are open and stay so. Throws StartupError, SyncError usage and RegistryError, naming what is wrong. */
export async function openPublisher(
  config: Config,
  parts: Pick<Parts, 'registry' | 'pool' | 'hasher' | 'protections' | 'cache'>,
  log: Log,
  choices: PublisherChoices = {},
): Promise<Publisher> {
  const settings = readPublishSettings(config, choices);
  const name = publishTargetName(config, choices);
  const signing = await openSigning(config);
  const target = await openPublishTarget(name, config);
  const { registry, pool, hasher, protections, cache } = parts;
  const locations = new Locations({
    stores: pool,
    images: registry.images,
    hasher,
    delivery: new DeliveryPlan(pool, deliveryRules(config)),
    cache,
    log,
  });
  const source = createRegistrySource({
    images: registry.images,
    locations,
    tagged: settings.sets.filter(({ tagged }) => tagged).map((set) => set.name),
    mayRead: (property) => protections.v2.may(ANYBODY, property, 'read'),
  });
  return {
    source,
    target,
    hasher,
    settings,
    ...(signing ? { signing } : {}),
    log,
    async close() {
      await source.close();
      await target.close();
    },
  };
}

/**
 * Opens a repository by its name: a folder, or `s3://bucket/prefix` in the service that [glance_store] names, else the one of the environment.
 * Throws StartupError for another scheme, SyncError usage and RegistryError.
 */
export async function openPublishTarget(name: string, { values }: Config): Promise<RepositoryTarget> {
  if (isBucketUrl(name)) {
    const place = parseBucketPlace(name, values.glance_store, process.env);
    return openBucketTarget({ place, workers: localWorkers() });
  }
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(name)) {
    const scheme = name.slice(0, name.indexOf(':'));
    throw new StartupError(`a repository is published to a folder or to s3://bucket/prefix, not by ${scheme}`, 2);
  }
  return openFolderTarget({ path: name });
}

/** What `[publish]` and the sections of its sets say. Throws StartupError. */
export function readPublishSettings(config: Config, choices: PublisherChoices = {}): PublishSettings {
  const { publish } = config.values;
  const written = choices.baseUrl ?? publish.base_url;
  const base =
    written === null
      ? undefined
      : readBaseUrl(written, choices.baseUrl === undefined ? '[publish] base_url' : '--base-url');
  const domain = (publish.domain ?? nameOfHost(base) ?? 'localhost').toLowerCase();
  if (!/^[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})*$/.test(domain)) {
    throw new StartupError(`[publish] domain: ${JSON.stringify(domain)} is no name of a host`, 4);
  }
  return {
    publisher: publish.publisher.trim() || 'Image repository',
    domain,
    ...(base === undefined ? {} : { baseUrl: base.href }),
    sets: readPublishSets(config, choices.sets),
    grace: publish.grace_days * DAY_MS,
    lifetime: publish.expires_days * DAY_MS,
    jobs: publish.jobs || availableParallelism(),
    program: programVersion(),
  };
}

function readBaseUrl(text: string, option: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (
    url === undefined ||
    !/^https?:$/.test(url.protocol) ||
    url.username + url.password + url.search + url.hash !== ''
  ) {
    const shape = 'must be a http or https URL without credentials, query and fragment';
    throw new StartupError(`${option}: ${shape}`, option.startsWith('--') ? 2 : 4);
  }
  if (!url.pathname.endsWith('/')) url.pathname += '/';
  return url;
}

/** Undefined where the URL has a number for its host: that begins no content id. */
function nameOfHost(base: URL | undefined): string | undefined {
  if (base === undefined || isIP(base.hostname.replace(/^\[|\]$/g, '')) !== 0) return undefined;
  return base.hostname;
}
