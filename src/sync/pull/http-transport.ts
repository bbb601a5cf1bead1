import type { Dispatcher } from 'undici';
import { basicAuthorization } from '../../net/basic-authorization.js';
import { DEFAULT_URL_RULES, hostOf, shownUrl } from '../../net/url-rules.js';
import { drop } from '../../net/verified-body.js';
import { type WaysOut, waysOut } from '../../net/ways-out.js';
import { SyncError } from '../sync-error.js';
import { guardedBody, tooLarge } from './guarded-body.js';
import { networkError } from './network-error.js';
import { FOREIGN_RULES, type Origin, type OriginRules, originOf } from './origins.js';
import type { RateLimit } from './rate-limit.js';
import { TransientError } from './transient-error.js';
import type { Fetched, FetchRequest, FetchTimes, Transport, Validators } from './transport.js';

export interface HttpTransportOptions {
  readonly origins: OriginRules;
  readonly times: FetchTimes;
  readonly rate: RateLimit;
  /** Certificate authorities (PEM) instead of the usual ones. */
  readonly ca?: string | undefined;
  /** Takes every certificate. */
  readonly insecure?: boolean | undefined;
  /** Proxies by scheme of the source. */
  readonly proxies?: Readonly<Record<string, URL>> | undefined;
}

const REDIRECTS: readonly number[] = [301, 302, 303, 307, 308];
const MOST_REDIRECTS = 5;
/** A bucket that does not show its list answers 403 for what is not there. */
const ABSENT: readonly number[] = [403, 404, 410];
const HEADER_BYTES = 16 * 1024;
/** What a server may make us wait. */
const MOST_RETRY_AFTER_MS = 60_000;

/** Files over http and https. Credentials of the source's URL go to its own origin and to no other. */
export function httpTransport(options: HttpTransportOptions): Transport {
  const { origins, times } = options;
  const common = {
    connectMs: times.connectMs,
    headersMs: times.answerMs,
    idleMs: times.idleMs,
    headerBytes: HEADER_BYTES,
    ca: options.ca,
    insecure: options.insecure,
    proxies: options.proxies,
  };
  // The user named the host of the source, so that it may have any address; others are held to the rules for strangers.
  const ways: Readonly<Record<Origin, WaysOut>> = {
    home: waysOut({ ...DEFAULT_URL_RULES, allowedHosts: [hostOf(origins.home)] }, common),
    foreign: waysOut(origins.foreign ?? FOREIGN_RULES, common),
  };

  async function ask(url: URL, origin: Origin, request: FetchRequest): Promise<Dispatcher.ResponseData> {
    const headers = {
      'accept-encoding': 'identity',
      'user-agent': 'glimpse-image-sync',
      ...conditions(request),
      ...(origin === 'home' ? authorization(origins.home) : {}),
    };
    try {
      const answer = await ways[origin].request(url, { method: 'GET', headers, signal: request.signal });
      // The connection may fail before anybody reads: the reader is told when it does.
      answer.body.on('error', () => {});
      return answer;
    } catch (error) {
      if (request.signal.aborted) throw request.signal.reason;
      throw networkError(url, error);
    }
  }

  async function follow(first: URL, request: FetchRequest): Promise<{ url: URL; answer: Dispatcher.ResponseData }> {
    const seen = new Set<string>();
    let url = first;
    let origin = originOf(url, origins);
    for (let hop = 0; hop <= MOST_REDIRECTS; hop += 1) {
      seen.add(url.href);
      const answer = await ask(url, origin, request);
      const target = REDIRECTS.includes(answer.statusCode) ? headerOf(answer, 'location') : undefined;
      if (target === undefined) return { url, answer };
      drop(answer.body);
      const next = redirected(target, url);
      origin = originOf(next, origins, url);
      if (seen.has(next.href)) throw new SyncError('refused', `${shownUrl(first)} redirects in a loop`);
      url = next;
    }
    throw new SyncError('refused', `${shownUrl(first)} redirects more than ${MOST_REDIRECTS} times`);
  }

  return {
    async open(first, request) {
      let { url, answer } = await follow(first, request);
      if (answer.statusCode === 416 && request.resume !== undefined) {
        // There is nothing behind what we have: it is another file now, or was whole. The whole of it tells.
        drop(answer.body);
        const { resume: _, ...whole } = request;
        ({ url, answer } = await follow(first, whole));
      }
      try {
        return fetched(url, answer, request, options);
      } catch (error) {
        drop(answer.body);
        throw error;
      }
    },
    async close() {
      await Promise.all([ways.home.destroy(), ways.foreign.destroy()]);
    },
  };
}

function fetched(
  url: URL,
  answer: Dispatcher.ResponseData,
  request: FetchRequest,
  { rate, times }: HttpTransportOptions,
): Fetched {
  const { statusCode: status, body } = answer;
  const name = shownUrl(url);
  if (ABSENT.includes(status) || status === 304) {
    drop(body);
    if (status !== 304) return { kind: 'absent', status };
    if (request.unless !== undefined) return { kind: 'unchanged' };
  }
  const start = status === 206 ? partOf(answer, request, name) : { from: 0, size: lengthOf(answer) };
  if (status !== 200 && status !== 206) throw refusal(name, answer);
  const { maxBytes, signal } = request;
  if (start.size !== undefined && start.size > maxBytes) throw tooLarge(name, maxBytes);
  const close = (): void => drop(body);
  const guard = { name, start: start.from, maxBytes, size: start.size, rate, signal, close };
  return {
    kind: 'content',
    start: start.from,
    size: start.size,
    validators: validatorsOf(answer),
    bytes: guardedBody(body, { ...guard, idleMs: times.idleMs, stallBytes: times.stallBytes }),
    close,
  };
}

/** Where a part begins, and of how many bytes it is one. Throws SyncError for a part that nobody asked for. */
function partOf(answer: Dispatcher.ResponseData, { resume }: FetchRequest, name: string) {
  const [, from, size] =
    /^bytes (\d{1,15})-\d{1,15}\/(\d{1,15}|\*)$/.exec(headerOf(answer, 'content-range') ?? '') ?? [];
  if (resume === undefined || from === undefined || Number(from) !== resume.from) {
    throw new SyncError('refused', `${name} answered with another part of the file than was asked for`);
  }
  return { from: resume.from, size: size === undefined || size === '*' ? undefined : Number(size) };
}

function refusal(name: string, answer: Dispatcher.ResponseData): SyncError {
  const { statusCode: status } = answer;
  const message = `${name} answered with status ${status}`;
  if (status !== 408 && status !== 429 && status < 500) return new SyncError('unreachable', message);
  const seconds = Number(headerOf(answer, 'retry-after') ?? Number.NaN);
  const wait = Number.isFinite(seconds) ? Math.min(Math.max(0, seconds * 1000), MOST_RETRY_AFTER_MS) : undefined;
  return new TransientError(message, {}, wait);
}

function conditions({ unless, resume }: FetchRequest): Record<string, string> {
  const ifRange = resume === undefined ? undefined : (strong(resume.validators.etag) ?? resume.validators.lastModified);
  return {
    ...(unless?.etag === undefined ? {} : { 'if-none-match': unless.etag }),
    ...(unless?.lastModified === undefined ? {} : { 'if-modified-since': unless.lastModified }),
    ...(resume === undefined || ifRange === undefined ? {} : { range: `bytes=${resume.from}-`, 'if-range': ifRange }),
  };
}

/** A weak validator says nothing of single bytes (RFC 9110 section 13.1.5). */
function strong(etag: string | undefined): string | undefined {
  return etag?.startsWith('W/') ? undefined : etag;
}

function validatorsOf(answer: Dispatcher.ResponseData): Validators {
  const [etag, lastModified] = [headerOf(answer, 'etag'), headerOf(answer, 'last-modified')];
  return { ...(etag === undefined ? {} : { etag }), ...(lastModified === undefined ? {} : { lastModified }) };
}

function authorization(home: URL): Record<string, string> {
  const value = basicAuthorization(home);
  return value === undefined ? {} : { authorization: value };
}

function lengthOf(answer: Dispatcher.ResponseData): number | undefined {
  const text = headerOf(answer, 'content-length');
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

function headerOf(answer: Dispatcher.ResponseData, name: string): string | undefined {
  return [answer.headers[name]].flat()[0];
}

function redirected(target: string, from: URL): URL {
  const url = URL.canParse(target, from.href) ? new URL(target, from) : undefined;
  if (url === undefined) throw new SyncError('refused', `${shownUrl(from)} redirects to something that is no URL`);
  // Nobody that we know: they go nowhere, and would be shown.
  url.username = '';
  url.password = '';
  url.hash = '';
  return url;
}
