import type { Context } from './context.js';
import { originOf } from './origin.js';
import { pythonJson } from './python-json.js';

export interface VersionOptions {
  readonly v1: boolean;
  /** Whether the document names v1's ids while v1 is on. */
  readonly showsV1: boolean;
  /** v2's ids in the order of the document; empty when v2 is off. */
  readonly v2: readonly string[];
  /** `public_endpoint`: what the links start with instead of the request's own address. */
  readonly publicEndpoint: string | undefined;
}

const OLDEST = ['2.7', '2.6', '2.5', '2.4', '2.3', '2.2', '2.1', '2.0'];

/** Minor versions by what is configured, in Glance's order (image-api-v2 section 1.3). */
function minors(cache: boolean, stores: boolean): readonly string[] {
  if (cache && stores) {
    return ['2.18', '2.17', '2.16', '2.15', '2.14', '2.13', '2.12', '2.11', '2.10', '2.9', '2.8', ...OLDEST];
  }
  if (cache) return ['2.18', '2.17', '2.16', '2.15', '2.14', '2.9', ...OLDEST];
  if (stores) return ['2.15', '2.13', '2.12', '2.11', '2.10', '2.9', '2.8', '2.17', ...OLDEST];
  return ['2.15', '2.9', '2.17', ...OLDEST];
}

function minor(version: string): number {
  return Number(version.split('.')[1] ?? 0);
}

/**
 * v2's ids, `v2.15` and so on. `cache`: an image cache is configured; `stores`: several stores are;
 * `newest`: the last version to show, for clients under test that know no newer one.
 */
export function v2Ids(options: { cache: boolean; stores: boolean; newest: string | undefined }): readonly string[] {
  const limit = options.newest === undefined ? Number.POSITIVE_INFINITY : minor(options.newest);
  return minors(options.cache, options.stores)
    .filter((version) => minor(version) <= limit)
    .map((version) => `v${version}`);
}

/** The versions document (image-api-v1 section 1.1, image-api-v2 section 1): 200 where it was asked for, 300 where no API fits the request. */
export function versionsDocument(ctx: Context, status: 200 | 300, options: VersionOptions): void {
  const base = options.publicEndpoint?.replace(/\/+$/, '') ?? originOf(ctx);
  const entry = (id: string, state: string, path: string) => ({
    id,
    status: state,
    links: [{ rel: 'self', href: `${base}/${path}/` }],
  });
  const current = `v2.${Math.max(...options.v2.map((id) => minor(id)))}`;
  ctx.status = status;
  ctx.set('Content-Type', 'application/json');
  ctx.body = pythonJson({
    versions: [
      ...options.v2.map((id) => entry(id, id === current ? 'CURRENT' : 'SUPPORTED', 'v2')),
      ...(options.v1 && options.showsV1 ? ['v1.1', 'v1.0'].map((id) => entry(id, 'DEPRECATED', 'v1')) : []),
    ],
  });
}
