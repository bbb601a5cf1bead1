import { isRegistryError, RegistryError } from '../domain/errors.js';
import { basicAuthorization } from './basic-authorization.js';
import type { Resolve } from './guarded-connect.js';
import { proxyUrl } from './proxy-url.js';
import { checkUrl, type UrlRules } from './url-rules.js';
import { drop, tooLarge, verifiedBody } from './verified-body.js';
import type { WaysOut } from './ways-out.js';

export interface FetchLimits {
  readonly connectMs: number;
  /** From the request to the end of the answer's headers. */
  readonly headersMs: number;
  /** Between two pieces of a body. */
  readonly idleMs: number;
  /** From the request to the end of the body, redirects included. */
  readonly totalMs: number;
  readonly redirects: number;
  readonly headerBytes: number;
  /** Bytes of a body, where the request does not say. */
  readonly maxBytes: number;
}

export const DEFAULT_FETCH_LIMITS: FetchLimits = {
  connectMs: 10_000,
  headersMs: 30_000,
  idleMs: 60_000,
  totalMs: 24 * 3_600_000,
  redirects: 5,
  headerBytes: 16 * 1024,
  maxBytes: Number.MAX_SAFE_INTEGER,
};

export interface GuardedFetchOptions {
  readonly limits?: Partial<FetchLimits>;
  /** Certificate authorities (PEM) instead of the usual ones. Where they are given, `insecure` means nothing, as in Glance. */
  readonly ca?: string | undefined;
  /** Takes every certificate. */
  readonly insecure?: boolean | undefined;
  /**
   * By scheme of the source (`http`, `https`): `host:port`, or a URL. The proxy resolves names, so that the rules on addresses are its business:
   * what is written in a URL is held against the rules here all the same.
   */
  readonly proxies?: Readonly<Record<string, string>> | undefined;
  /** How hosts become addresses, instead of the system's way. */
  readonly resolve?: Resolve | undefined;
}

export interface FetchRequest {
  readonly method: 'GET' | 'HEAD';
  /** Names in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  /** Bytes that the body may have. */
  readonly maxBytes?: number;
}

export interface FetchAnswer {
  readonly status: number;
  /** The first value of a header, by its name in lower case. */
  header(name: string): string | undefined;
  /** Each chunk as it comes; fails with too-large or storage-unavailable when they are not as many as announced. To be read to the end, or closed. */
  readonly body: AsyncIterable<Uint8Array>;
  /** Closes the connection unless the body was read to its end. */
  close(): void;
}

/** The only way out to a URL that a user gave: the fetch rules of image-api-v2 section 7. */
export interface GuardedFetch {
  /**
   * Follows redirects, each hop held against the rules and to its address. Answers of any other status are handed back.
   * No message repeats what another host than the user's own said, or says why a host cannot be read: nobody scans ports with it.
   * Throws invalid for what the rules refuse and for too many redirects, too-large, storage-unavailable when the host cannot be reached or is silent.
   */
  fetch(url: string, request: FetchRequest): Promise<FetchAnswer>;
  close(): Promise<void>;
}

const REDIRECTS = [301, 302, 303, 307, 308];

/** What another origin is told: which bytes are wanted, never for whom. */
const PORTABLE = ['accept', 'if-match', 'if-none-match', 'if-range', 'range'];

/**
 * `rules` as configured; see GuardedFetch. The HTTP client is loaded with the first request: most servers never make one.
 * Throws an Error for a proxy that cannot be one.
 */
export function createGuardedFetch(rules: UrlRules, options: GuardedFetchOptions = {}): GuardedFetch {
  const limits = { ...DEFAULT_FETCH_LIMITS, ...options.limits };
  const proxies = Object.fromEntries(
    Object.entries(options.proxies ?? {}).map(([scheme, proxy]) => [scheme, proxyUrl(scheme, proxy)]),
  );
  let starting: Promise<WaysOut> | undefined;
  const ways = (): Promise<WaysOut> => {
    starting ??= import('./ways-out.js').then(({ waysOut }) => waysOut(rules, { ...options, ...limits, proxies }));
    return starting;
  };

  async function follow(text: string, request: FetchRequest, signal: AbortSignal): Promise<FetchAnswer> {
    const most = request.maxBytes ?? limits.maxBytes;
    let url = checkUrl(text, rules);
    let headers = { ...request.headers, ...credentials(url) };
    for (let hop = 0; hop <= limits.redirects; hop += 1) {
      const answer = await ask(await ways(), url, { ...request, headers }, signal).catch((error: unknown) => {
        throw hop > 0 && isRegistryError(error, 'invalid') ? strayed(error) : error;
      });
      const target = REDIRECTS.includes(answer.status) ? answer.header('location') : undefined;
      if (target === undefined) return announced(answer, most, request);
      drop(answer.body);
      const next = redirected(target, rules, url);
      if (next.origin !== url.origin) headers = portable(headers);
      url = next;
    }
    throw new RegistryError('invalid', 'The source redirects too often.');
  }

  return {
    async fetch(text, request) {
      const total = AbortSignal.timeout(limits.totalMs);
      const signal = request.signal ? AbortSignal.any([request.signal, total]) : total;
      try {
        return await follow(text, request, signal);
      } catch (error) {
        if (isRegistryError(error)) throw error;
        if (request.signal?.aborted) throw request.signal.reason;
        throw new RegistryError('storage-unavailable', 'The source cannot be read.', { cause: error });
      }
    },
    async close() {
      await (await starting)?.destroy();
    },
  };
}

type Asked = Awaited<ReturnType<typeof ask>>;

/** One request. Throws what the guard on addresses threw, else whatever the client throws. */
async function ask(ways: WaysOut, url: URL, { method, headers }: FetchRequest, signal: AbortSignal) {
  try {
    // Compressed bytes would not be the image's.
    const all = { 'accept-encoding': 'identity', 'user-agent': 'glimpse', ...headers };
    const answer = await ways.request(url, { method, headers: all, signal });
    // The connection may fail before anybody reads: the reader is told when it does.
    answer.body.on('error', () => {});
    const header = (name: string): string | undefined => [answer.headers[name]].flat()[0];
    return { status: answer.statusCode, header, body: answer.body };
  } catch (error) {
    throw error instanceof Error && isRegistryError(error.cause) ? error.cause : error;
  }
}

/** The answer with its bytes held to what it announces. */
function announced({ status, header, body }: Asked, most: number, { method, signal }: FetchRequest): FetchAnswer {
  const text = header('content-length');
  const length = method === 'GET' && text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
  if (length !== undefined && length > most) {
    drop(body);
    throw tooLarge(most);
  }
  return { status, header, body: verifiedBody(body, { length, most, signal }), close: () => drop(body) };
}

function redirected(target: string, rules: UrlRules, from: URL): URL {
  try {
    return checkUrl(target, rules, from);
  } catch (error) {
    throw strayed(error);
  }
}

/** Where a source leads is its secret: the message does not say it. */
function strayed(cause: unknown): RegistryError {
  return new RegistryError('invalid', 'The source redirects to a place that is not allowed.', { cause });
}

function portable(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => PORTABLE.includes(name)));
}

/** The user of a URL, for its own host alone. Those in the target of a redirect are nobody's that we know, and go nowhere. */
function credentials(url: URL): Record<string, string> {
  const authorization = basicAuthorization(url);
  return authorization === undefined ? {} : { authorization };
}
