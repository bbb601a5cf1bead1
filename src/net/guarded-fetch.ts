import type { Readable } from 'node:stream';
import type { Agent } from 'undici';
import { isRegistryError, RegistryError } from '../domain/errors.js';
import { checkUrl, hostOf, type UrlRules } from './url-rules.js';

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
}

export const DEFAULT_FETCH_LIMITS: FetchLimits = {
  connectMs: 10_000,
  headersMs: 30_000,
  idleMs: 60_000,
  totalMs: 24 * 3_600_000,
  redirects: 5,
  headerBytes: 16 * 1024,
};

export interface FetchRequest {
  readonly method: 'GET' | 'HEAD';
  /** Names in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

export interface FetchAnswer {
  readonly status: number;
  /** The first value of a header, by its name in lower case. */
  header(name: string): string | undefined;
  /** Must be read to the end or destroyed. */
  readonly body: Readable;
}

/** The only way out to a URL that a user gave. */
export interface GuardedFetch {
  /**
   * Follows redirects, each hop held against the rules and to its address. Answers of any other status are handed back.
   * Throws invalid for what the rules refuse and for too many redirects, storage-unavailable when the host cannot be reached or is silent.
   */
  fetch(url: string, request: FetchRequest): Promise<FetchAnswer>;
  close(): Promise<void>;
}

const REDIRECTS = [301, 302, 303, 307, 308];

/** `rules` as configured; see GuardedFetch. The HTTP client is loaded with the first request: most servers never make one. */
export function createGuardedFetch(rules: UrlRules, limits: FetchLimits = DEFAULT_FETCH_LIMITS): GuardedFetch {
  let starting: Promise<Agent> | undefined;
  const agent = (): Promise<Agent> => {
    starting ??= startAgent(rules, limits);
    return starting;
  };
  return {
    async fetch(text, { method, headers = {}, signal }) {
      const total = AbortSignal.timeout(limits.totalMs);
      const ended = signal ? AbortSignal.any([signal, total]) : total;
      let url = checkUrl(text, rules);
      let credentials = basicCredentials(url);
      for (let hop = 0; hop <= limits.redirects; hop += 1) {
        const answer = await ask(await agent(), url, method, { ...headers, ...credentials }, ended);
        const target = REDIRECTS.includes(answer.status) ? answer.header('location') : undefined;
        if (target === undefined) return answer;
        answer.body.on('error', () => {}).destroy();
        const next = checkUrl(target, rules, url);
        if (next.origin !== url.origin || next.username) credentials = basicCredentials(next);
        url = next;
      }
      throw new RegistryError('invalid', `The source on host '${hostOf(url)}' redirects too often.`);
    },
    async close() {
      await (await starting)?.destroy();
    },
  };
}

async function startAgent(rules: UrlRules, limits: FetchLimits): Promise<Agent> {
  const [{ Agent }, { guardedConnector }] = await Promise.all([import('undici'), import('./guarded-connect.js')]);
  return new Agent({
    connect: guardedConnector(rules, limits.connectMs),
    headersTimeout: limits.headersMs,
    bodyTimeout: limits.idleMs,
    maxHeaderSize: limits.headerBytes,
  });
}

async function ask(
  agent: Agent,
  url: URL,
  method: FetchRequest['method'],
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<FetchAnswer> {
  try {
    const {
      statusCode,
      headers: found,
      body,
    } = await agent.request({
      origin: url.origin,
      path: url.pathname + url.search,
      method,
      // Compressed bytes would not be the image's.
      headers: { 'accept-encoding': 'identity', 'user-agent': 'glimpse', ...headers },
      signal,
    });
    return { status: statusCode, body, header: (name) => [found[name]].flat()[0] };
  } catch (error) {
    throw asUnreachable(error, url, signal);
  }
}

/** Credentials of a URL go to its own host; a redirect to another one does not inherit them. */
function basicCredentials(url: URL): Record<string, string> {
  if (!url.username && !url.password) return {};
  const pair = `${decode(url.username)}:${decode(url.password)}`;
  return { authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function asUnreachable(error: unknown, url: URL, signal: AbortSignal): unknown {
  const cause = error instanceof Error && isRegistryError(error.cause) ? error.cause : error;
  if (isRegistryError(cause)) return cause;
  const timedOut = signal.reason instanceof DOMException && signal.reason.name === 'TimeoutError';
  if (signal.aborted && !timedOut) return signal.reason;
  return new RegistryError('storage-unavailable', `The source on host '${hostOf(url)}' cannot be reached.`, { cause });
}
