/** The filters that a pipeline may have. */
export const FILTER_KINDS = [
  'cors',
  'healthcheck',
  'http_proxy_to_wsgi',
  'versionnegotiation',
  'gzip',
  'osprofiler',
  'context',
  'unauthenticated-context',
  'fakeauth',
  'authtoken',
  'http_basic',
  'cache',
  'cachemanage',
] as const;
export type FilterKind = (typeof FILTER_KINDS)[number];

export interface Filter {
  readonly kind: FilterKind;
  readonly options: Readonly<Record<string, string>>;
}

/** What every request passes, outermost first, and the APIs at the end; each kind at most once. */
export interface Pipeline {
  readonly filters: readonly Filter[];
  readonly apis: readonly ('v1' | 'v2')[];
}

const ALWAYS: readonly FilterKind[] = ['cors', 'healthcheck', 'http_proxy_to_wsgi', 'versionnegotiation'];

/** As Glance's own paste file has them. */
const BUILT_IN_OPTIONS: Readonly<Partial<Record<FilterKind, Filter['options']>>> = {
  healthcheck: { backends: 'disable_by_file', disable_by_file_path: '/etc/glance/healthcheck_disable' },
  authtoken: { delay_auth_decision: 'true' },
};

const IDENTITIES: ReadonlyMap<string, readonly FilterKind[]> = new Map([
  ['', ['unauthenticated-context']],
  ['noauth', ['context']],
  ['trusted-auth', ['context']],
  ['fakeauth', ['fakeauth', 'context']],
  ['keystone', ['authtoken', 'context']],
  ['http_basic', ['http_basic', 'context']],
]);

const CACHES: ReadonlyMap<string, readonly FilterKind[]> = new Map([
  ['', []],
  ['caching', ['cache']],
  ['cachemanagement', ['cache', 'cachemanage']],
]);

/** Glance's pipelines by flavor: one of the identities, one of the caches, or both joined by `+`. Undefined for other names. */
export function builtInPipeline(flavor: string): Pipeline | undefined {
  const [first = '', second] = flavor.split('+');
  const [identity, cache] = second === undefined && CACHES.has(first) ? ['', first] : [first, second ?? ''];
  const [who, cached] = [IDENTITIES.get(identity), CACHES.get(cache)];
  if (who === undefined || cached === undefined || flavor.split('+').length > 2) return undefined;
  const filters = [...ALWAYS, ...who, ...cached].map((kind) => ({ kind, options: BUILT_IN_OPTIONS[kind] ?? {} }));
  return { filters, apis: ['v1', 'v2'] };
}

/** Every flavor that is built in, for messages and docs; '' is no flavor. */
export const BUILT_IN_FLAVORS: readonly string[] = [...IDENTITIES.keys()].flatMap((identity) =>
  [...CACHES.keys()].map((cache) => [identity, cache].filter(Boolean).join('+')),
);

const FACTORIES: readonly (readonly [RegExp, FilterKind])[] = [
  [/^oslo_middleware([:.])cors\b|^oslo_middleware:CORS\b/i, 'cors'],
  [/^oslo_middleware([:.])healthcheck\b/i, 'healthcheck'],
  [/^oslo_middleware(:HTTPProxyToWSGI|\.http_proxy_to_wsgi|:http_proxy_to_wsgi)\b/, 'http_proxy_to_wsgi'],
  [/^glance\.api\.middleware\.version_negotiation\b/, 'versionnegotiation'],
  [/^glance\.api\.middleware\.gzip\b/, 'gzip'],
  [/^osprofiler\b/, 'osprofiler'],
  [/\bUnauthenticatedContextMiddleware\b/, 'unauthenticated-context'],
  [/^glance\.(api\.middleware|common)\.context\b/, 'context'],
  [/\bFakeAuthMiddleware\b/, 'fakeauth'],
  [/^oslo_middleware(:BasicAuthMiddleware|\.basic_auth|:basic_auth)\b/, 'http_basic'],
  [/^keystone(middleware|client\.middleware)?\..*auth_token\b/, 'authtoken'],
  [/^glance\.api\.middleware\.cache_manage\b/, 'cachemanage'],
  [/^glance\.api\.middleware\.cache\b/, 'cache'],
];

/** Entry points by other names than their filters. */
const ENTRY_POINTS: ReadonlyMap<string, FilterKind> = new Map([
  ['auth_token', 'authtoken'],
  ['basic_auth', 'http_basic'],
]);

/** The filter behind a Python factory such as `oslo_middleware:Healthcheck.factory`, or behind the entry point's name in `egg:dist#name`. */
export function filterKind(factory: string): FilterKind | undefined {
  const entry = /^egg:[^#]+#(.+)$/.exec(factory)?.[1];
  if (entry !== undefined) return FILTER_KINDS.find((kind) => kind === (ENTRY_POINTS.get(entry) ?? entry));
  return FACTORIES.find(([pattern]) => pattern.test(factory))?.[1];
}

/** The API behind a factory such as `glance.api.v1.router:API.factory`. */
export function apiOf(factory: string): 'v1' | 'v2' | undefined {
  const version = /^glance\.api\.v([12])\b/.exec(factory)?.[1];
  return version === '1' ? 'v1' : version === '2' ? 'v2' : undefined;
}
