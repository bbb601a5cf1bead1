import type { Middleware } from 'koa';
import { isRegistryError } from '../../domain/errors.js';
import { type Context, headerOf, type RequestState } from '../context.js';
import { HttpFault } from '../fault.js';

/** What holds for some origins; named and meant as the options of oslo.middleware's [cors] section. */
export interface CorsRule {
  /** As browsers write them in `Origin`; `*` is any. */
  readonly allowed_origin: readonly string[];
  readonly allow_credentials: boolean;
  readonly expose_headers: readonly string[];
  /** Seconds; 0 says nothing. */
  readonly max_age: number;
  /** In capitals. */
  readonly allow_methods: readonly string[];
  readonly allow_headers: readonly string[];
}

/** Headers that pages may always send: those that oslo.middleware holds for simple. */
const SIMPLE_HEADERS = [
  'Accept',
  'Accept-Language',
  'Content-Type',
  'Cache-Control',
  'Content-Language',
  'Expires',
  'Last-Modified',
  'Pragma',
];

/**
 * Cross-origin resource sharing (https://fetch.spec.whatwg.org/#http-cors-protocol) by oslo.middleware's rules, of which for one origin the
 * first counts. Answers to allowed origins carry its headers, errors too. An OPTIONS request that the API itself does not answer succeeds,
 * empty, whoever asks.
 */
export function cors(rules: readonly CorsRule[]): Middleware<RequestState> {
  const byOrigin = new Map<string, CorsRule>();
  for (const rule of rules) {
    for (const origin of rule.allowed_origin) if (!byOrigin.has(origin)) byOrigin.set(origin, rule);
  }
  // Only answers that differ from origin to origin need to be told apart in caches.
  const varies = [...byOrigin.keys()].some((origin) => origin !== '*');

  return async (ctx, next) => {
    if (varies) ctx.vary('Origin');
    const sent = headerOf(ctx.req, 'origin');
    const origin = sent !== undefined && byOrigin.has(sent) ? sent : '*';
    const rule = sent === undefined ? undefined : byOrigin.get(origin);
    if (ctx.method === 'OPTIONS') {
      await answerOptions(ctx, next);
      if (rule) allowPreflight(ctx, origin, rule);
      return;
    }
    // Before the answer, since image data leaves while it is being made.
    if (rule) {
      allow(ctx, origin, rule);
      if (rule.expose_headers.length > 0) ctx.set('Access-Control-Expose-Headers', rule.expose_headers.join(','));
    }
    await next();
  };
}

function allow(ctx: Context, origin: string, rule: CorsRule): void {
  ctx.set('Access-Control-Allow-Origin', origin);
  if (rule.allow_credentials) ctx.set('Access-Control-Allow-Credentials', 'true');
}

/** A preflight that asks for more than is allowed gets no header at all: the browser then refuses by itself. */
function allowPreflight(ctx: Context, origin: string, rule: CorsRule): void {
  const method = headerOf(ctx.req, 'access-control-request-method');
  if (method === undefined || !rule.allow_methods.includes(method)) return;
  const asked = (headerOf(ctx.req, 'access-control-request-headers') ?? '').split(',').map((name) => name.trim());
  const headers = asked.filter((name) => name !== '');
  const known = new Set([...rule.allow_headers, ...SIMPLE_HEADERS].map((name) => name.toLowerCase()));
  if (!headers.every((name) => known.has(name.toLowerCase()))) return;
  allow(ctx, origin, rule);
  if (rule.max_age > 0) ctx.set('Access-Control-Max-Age', String(rule.max_age));
  ctx.set('Access-Control-Allow-Methods', method);
  if (headers.length > 0) ctx.set('Access-Control-Allow-Headers', headers.join(','));
}

async function answerOptions(ctx: Context, next: () => Promise<unknown>): Promise<void> {
  try {
    await next();
  } catch (error) {
    if (!(error instanceof HttpFault) && !isRegistryError(error)) throw error;
  }
  if (ctx.body !== undefined && ctx.status >= 200 && ctx.status < 300) return;
  ctx.body = '';
  ctx.status = 200;
  ctx.type = 'text/html; charset=UTF-8';
}
