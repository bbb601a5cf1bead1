import { readFileSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Middleware } from 'koa';
import { parseFilesystemOptions } from '../stores/filesystem/options.js';
import { openStores } from '../stores/index.js';
import { createStorePool } from '../stores/pool.js';
import { createAuthenticator } from './auth/authenticator.js';
import type { Config } from './config/load.js';
import type { Filter } from './config/pipeline.js';
import type { Log } from './domain/ports/log.js';
import type { Policy } from './domain/ports/policy.js';
import type { StorePool } from './domain/ports/store-pool.js';
import { createHasher } from './hashing/hasher.js';
import type { RequestState } from './http/context.js';
import { authenticate } from './http/middleware/authenticate.js';
import { cors } from './http/middleware/cors.js';
import { faultBoundary } from './http/middleware/fault-boundary.js';
import { gzip } from './http/middleware/gzip.js';
import { healthcheck } from './http/middleware/healthcheck.js';
import { releaseBody } from './http/middleware/release-body.js';
import { requestLog } from './http/middleware/request-log.js';
import { versionNegotiation } from './http/middleware/version-negotiation.js';
import { unknownRoute } from './http/routes.js';
import { createHttpServer, type HttpOptions } from './http/server.js';
import type { V1Api } from './http/v1/api.js';
import { currentDialect, manualDialect } from './http/v1/dialect.js';
import { v1Routes } from './http/v1/router.js';
import { createGuardedFetch } from './net/guarded-fetch.js';
import { V1_RULES } from './policy/defaults.js';
import { createPolicy } from './policy/enforce.js';
import { listen } from './process/listen.js';
import { localWorkers } from './process/local-workers.js';
import { monotonicClock } from './process/monotonic-clock.js';
import { StartupError } from './process/startup-error.js';
import { openRegistry } from './registry/open.js';
import { ExternalSources } from './service/external-sources.js';
import { ImageService } from './service/image-service.js';
import { Locations } from './service/locations.js';
import { MemberService } from './service/member-service.js';
import { StorageLimit } from './service/storage-limit.js';
import { UploadService } from './service/upload-service.js';
import { UploadWatch } from './service/upload-watch.js';

/** A server, built and not yet listening. */
export interface App {
  /** Binds the configured address. Throws StartupError when it cannot. */
  listen(): Promise<{ readonly url: string }>;
  /** Stops taking requests, breaks off what is still running after a while, and closes everything that was opened. */
  close(): Promise<void>;
}

/** Seconds that requests under way have to end when the server closes. */
const PATIENCE = 5;

async function openPool(config: Config): Promise<StorePool> {
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
    return createStorePool(opened, stores.default_store);
  } catch (error) {
    throw new StartupError(error instanceof Error ? error.message : String(error), 3, { cause: error });
  }
}

function buildV1(config: Config, log: Log, parts: Awaited<ReturnType<typeof openParts>>): V1Api {
  const { DEFAULT: options, image_format: formats, glimpse } = config.values;
  const { registry, pool, policy, watch, hasher, clock } = parts;
  const locations = new Locations(pool, log);
  const { images } = registry;
  const uploads = new UploadService({
    images,
    stores: pool,
    hasher,
    watch,
    log,
    storageLimit: new StorageLimit(registry.quotas, options.user_storage_quota),
    sizeCap: options.image_size_cap,
    hashAlgorithm: options.hashing_algorithm,
  });
  return {
    images: new ImageService({
      images,
      quotas: registry.quotas,
      locations,
      clock,
      delayedDelete: options.delayed_delete,
      propertyQuota: options.image_property_quota,
    }),
    members: new MemberService(registry.members, options.image_member_quota),
    uploads,
    sources: new ExternalSources({ images, stores: pool, uploads, log }),
    locations,
    policy,
    dialect: glimpse.v1_dialect === 'manual' ? manualDialect : currentDialect,
    formats: { disk: formats.disk_formats, container: formats.container_formats },
    listLimits: { standard: options.limit_param_default, most: options.api_limit_max },
    sizeCap: options.image_size_cap,
    storeSchemes: pool.schemes,
  };
}

/** Everything that is opened before the first request and closed after the last one. */
async function openParts(config: Config, log: Log) {
  const { values } = config;
  const clock = monotonicClock();
  const policy = createPolicy({
    file: config.find(values.oslo_policy.policy_file) ?? values.oslo_policy.policy_file,
    defaultRule: values.oslo_policy.policy_default_rule,
    book: V1_RULES,
    log: log.child('policy'),
  });
  const registry = await openRegistry(values, clock, log.child('registry'));
  try {
    const pool = await openPool(config);
    const watch = new UploadWatch({
      leases: registry.leases,
      images: registry.images,
      stores: pool,
      workers: localWorkers(),
      clock,
      log: log.child('uploads'),
      leaseSeconds: values.glimpse.upload_lease,
    });
    return { clock, policy, registry, pool, watch, hasher: createHasher() };
  } catch (error) {
    await registry.close();
    throw error;
  }
}

/** One filter of the pipeline as middleware; undefined for those that do nothing here (yet). */
function filterMiddleware(
  filter: Filter,
  config: Config,
  policy: Policy,
  kinds: ReadonlySet<string>,
): Middleware<RequestState> | undefined {
  const { DEFAULT: options, glimpse } = config.values;
  switch (filter.kind) {
    case 'cors':
      return cors(config.cors);
    case 'healthcheck':
      return healthcheck(filter.options);
    case 'versionnegotiation':
      return versionNegotiation({
        v1: options.enable_v1_api,
        v2: [],
        unversioned: glimpse.v1_dialect === 'manual',
        publicEndpoint: options.public_endpoint ?? undefined,
      });
    case 'gzip':
      return gzip();
    case 'context':
    case 'unauthenticated-context':
      return authenticate({
        authenticator: createAuthenticator({
          kind: filter.kind === 'unauthenticated-context' ? 'none' : kinds.has('fakeauth') ? 'fake' : 'trusted',
          allowAnonymous: options.allow_anonymous_access,
          adminRole: options.admin_role,
          ownerIsTenant: options.owner_is_tenant,
          trustedProxies: glimpse.trusted_proxies,
          policy,
        }),
        adoptsRequestId: filter.kind === 'context',
        maxRequestIdLength: options.max_request_id_length,
      });
    default:
      return undefined;
  }
}

function tlsOf({ cert_file: cert, key_file: key, ca_file: ca }: Config['values']['DEFAULT']): Pick<HttpOptions, 'tls'> {
  if (cert === null && key === null) return {};
  if (cert === null || key === null) {
    throw new StartupError(
      'When running server in SSL mode, you must specify both a cert_file and key_file option value in your configuration file',
    );
  }
  return {
    tls: { cert: readFileSync(cert), key: readFileSync(key), ...(ca === null ? {} : { ca: readFileSync(ca) }) },
  };
}

/** Builds a server from its configuration. Throws StartupError for what an operator has to mend. */
export async function createApp(config: Config, log: Log): Promise<App> {
  const { DEFAULT: options, glimpse } = config.values;
  const tls = tlsOf(options);
  const parts = await openParts(config, log);
  const v1 = buildV1(config, log.child('api'), parts);
  const kinds = new Set<string>(config.pipeline.filters.map((filter) => filter.kind));
  const filters = config.pipeline.filters.flatMap(
    (filter) => filterMiddleware(filter, config, parts.policy, kinds) ?? [],
  );
  const chain = [
    releaseBody(),
    requestLog(log.child('request')),
    faultBoundary(log.child('http')),
    ...filters,
    v1Routes(v1),
    unknownRoute,
  ];
  const server = createHttpServer({
    chain,
    maxHeaderSize: glimpse.max_header_size,
    socketTimeout: options.client_socket_timeout,
    keepAlive: options.http_keepalive,
    ...tls,
  });
  return {
    async listen() {
      await listen(server, options.bind_host, options.bind_port, options.backlog);
      parts.watch.start();
      return { url: urlOf(server, options.bind_host, tls.tls !== undefined) };
    },
    async close() {
      await closeServer(server);
      await v1.sources.close();
      await parts.watch.stop();
      await parts.hasher.close();
      await parts.pool.close();
      await parts.registry.close();
    },
  };
}

function urlOf(server: Server, host: string, secure: boolean): string {
  const { port } = server.address() as AddressInfo;
  const name = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host;
  return `${secure ? 'https' : 'http'}://${name}:${port}`;
}

async function closeServer(server: Server): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeIdleConnections();
  const impatience = setTimeout(() => server.closeAllConnections(), PATIENCE * 1000);
  await closed;
  clearTimeout(impatience);
}
