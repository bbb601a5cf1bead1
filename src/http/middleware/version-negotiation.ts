import type { Middleware } from 'koa';
import { type Context, headerOf, type RequestState } from '../context.js';
import { originOf } from '../origin.js';
import { pathSegments, routerPath } from '../request-path.js';
import { type VersionOptions, versionsDocument } from '../versions.js';

const MEDIA_TYPE = 'application/vnd.openstack.images-';
const V1 = ['v1', 'v1.0', 'v1.1'];

export interface NegotiationOptions extends VersionOptions {
  /** The API's first manual has no versions in its paths: `/images` is API v1 (`[glimpse] v1_dialect`). */
  readonly unversioned: boolean;
}

function apiOf(version: string, options: NegotiationOptions): 'v1' | 'v2' | undefined {
  if (options.v1 && V1.includes(version)) return 'v1';
  if (options.v2.length > 0 && (version === 'v2' || options.v2.includes(version))) return 'v2';
  return undefined;
}

/** `/v1` without a slash: where its APIs begin. */
function redirect(ctx: Context, path: string): void {
  ctx.status = 302;
  ctx.set('Location', `${originOf(ctx)}/${path}/`);
  ctx.set('Content-Type', path.startsWith('v2') ? 'text/plain; charset=utf8' : 'text/html; charset=UTF-8');
  ctx.body = '';
}

/** Which API a request is for: the steps of image-api-v1 section 1.1. The path below it is left to the router as `/v1/...` or `/v2/...`. */
export function versionNegotiation(options: NegotiationOptions): Middleware<RequestState> {
  return async (ctx, next) => {
    const segments = pathSegments(ctx.req.url ?? '/');
    const [first = ''] = segments;
    if (first === 'versions') return versionsDocument(ctx, 200, options);
    const accept = headerOf(ctx.req, 'accept') ?? '';
    const byHeader = accept.startsWith(MEDIA_TYPE);
    const byDialect = options.unversioned && first === 'images';
    const api = apiOf(byHeader ? accept.slice(MEDIA_TYPE.length) : byDialect ? 'v1' : first, options);
    if (api === undefined) return versionsDocument(ctx, 300, options);
    const rest = byHeader || byDialect ? segments : segments.slice(1);
    if (rest.length === 0) return redirect(ctx, api === 'v2' ? 'v2' : first);
    // Slashes in front of the rest are skipped, as those in front of the version are.
    const start = rest.findIndex((segment) => segment !== '');
    ctx.state.api = api;
    ctx.url = routerPath([api, ...(start < 0 ? [''] : rest.slice(start))]);
    return next();
  };
}
