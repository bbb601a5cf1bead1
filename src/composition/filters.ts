import type { Middleware } from 'koa';
import { parseAddresses } from '../auth/trusted-addresses.js';
import type { Config } from '../config/load.js';
import type { Filter } from '../config/pipeline.js';
import type { Authenticator } from '../domain/ports/authenticator.js';
import type { RequestState } from '../http/context.js';
import { authenticate } from '../http/middleware/authenticate.js';
import { cors } from '../http/middleware/cors.js';
import { forwarded } from '../http/middleware/forwarded.js';
import { gzip } from '../http/middleware/gzip.js';
import { healthcheck } from '../http/middleware/healthcheck.js';
import { versionNegotiation } from '../http/middleware/version-negotiation.js';
import { v2Ids } from '../http/versions.js';

/** One filter of the pipeline as middleware; undefined for those that do nothing here (yet). */
function filterMiddleware(
  filter: Filter,
  config: Config,
  authenticator: Authenticator,
): Middleware<RequestState> | undefined {
  const { DEFAULT: options, glimpse } = config.values;
  const versions = {
    cache: options.image_cache_dir !== null,
    stores: config.backends.length > 0,
    newest: glimpse.api_version ?? undefined,
  };
  switch (filter.kind) {
    case 'cors':
      return cors(config.cors);
    case 'http_proxy_to_wsgi':
      if (!config.values.oslo_middleware.enable_proxy_headers_parsing) return undefined;
      return forwarded({
        isProxy: parseAddresses(glimpse.trusted_proxies),
        schemeHeader: options.secure_proxy_ssl_header ?? undefined,
      });
    case 'healthcheck':
      return healthcheck(filter.options);
    case 'versionnegotiation':
      return versionNegotiation({
        // A server that stands in for an older release shows what that release showed.
        v1: options.enable_v1_api,
        showsV1: glimpse.api_version === null,
        v2: options.enable_v2_api ? v2Ids(versions) : [],
        unversioned: glimpse.v1_dialect === 'manual',
        publicEndpoint: options.public_endpoint ?? undefined,
      });
    case 'gzip':
      return gzip();
    case 'context':
    case 'unauthenticated-context':
      return authenticate({
        authenticator,
        adoptsRequestId: filter.kind === 'context',
        maxRequestIdLength: options.max_request_id_length,
      });
    default:
      return undefined;
  }
}

/** The pipeline's filters as middleware, outermost first. */
export function buildFilters(config: Config, authenticator: Authenticator): Middleware<RequestState>[] {
  return config.pipeline.filters.flatMap((filter) => filterMiddleware(filter, config, authenticator) ?? []);
}
