import { setTimeout as pause } from 'node:timers/promises';
import { shownUrl } from '../../net/url-rules.js';
import { SyncError } from '../sync-error.js';
import { type FileTransport, fileTransport } from './file-transport.js';
import { ftpTransport } from './ftp-transport.js';
import { httpTransport } from './http-transport.js';
import type { OriginRules } from './origins.js';
import { rateLimit } from './rate-limit.js';
import { TransientError } from './transient-error.js';
import { FETCH_TIMES, type FetchTimes, type Transport, type Validators } from './transport.js';

export interface FetcherOptions {
  readonly origins: OriginRules;
  /** For a `file:` source: the folder that everything must be in. */
  readonly root?: string | undefined;
  readonly times?: Partial<FetchTimes>;
  /** `--max-rate`, of everything that is read together. */
  readonly bytesPerSecond?: number | undefined;
  /** Certificate authorities (PEM) instead of the usual ones. */
  readonly ca?: string | undefined;
  readonly insecure?: boolean | undefined;
  /** Proxies by scheme of the source. */
  readonly proxies?: Readonly<Record<string, URL>> | undefined;
  /** How often something that may go well the next time is tried, the first time included. */
  readonly attempts?: number;
  /** Before the second attempt; twice as long before each further one. */
  readonly backoffMs?: number;
}

export interface ReadRequest {
  readonly signal: AbortSignal;
  readonly maxBytes: number;
  readonly unless?: Validators | undefined;
}

/** A metadata file, whole. */
export type ReadFile =
  | { readonly kind: 'content'; readonly bytes: Buffer; readonly validators: Validators }
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'absent' };

/** Reads what a source consists of: http, https, ftp, ftps and file. Errors name URLs without their credentials. */
export interface Fetcher extends Transport {
  /** A small file as a whole, with a few attempts, in bounded time. Throws SyncError as `open` does. */
  read(url: URL, request: ReadRequest): Promise<ReadFile>;
  /** Does something again that failed with a TransientError, after a pause, as often as configured. */
  persist<T>(signal: AbortSignal, work: (attempt: number) => Promise<T>): Promise<T>;
  /** Where the file of a URL lies on this host; undefined where it does not. */
  locate(url: URL): Promise<string | undefined>;
}

const ATTEMPTS = 4;
const BACKOFF_MS = 1000;

export function createFetcher(options: FetcherOptions): Fetcher {
  const times = { ...FETCH_TIMES, ...options.times };
  const { origins, ca, insecure, proxies } = options;
  const common = { origins, times, rate: rateLimit(options.bytesPerSecond) };
  let http: Transport | undefined;
  let ftp: Transport | undefined;
  let files: FileTransport | undefined;

  const fileSource = (): FileTransport => {
    if (options.root === undefined) throw new SyncError('refused', 'The source leads to files of this host');
    files ??= fileTransport({ ...common, root: options.root });
    return files;
  };

  const transportOf = (url: URL): Transport => {
    switch (url.protocol) {
      case 'http:':
      case 'https:':
        http ??= httpTransport({ ...common, ca, insecure, proxies });
        return http;
      case 'ftp:':
      case 'ftps:':
        ftp ??= ftpTransport({ ...common, ca, insecure });
        return ftp;
      case 'file:':
        return fileSource();
      default:
        throw new SyncError('refused', `Sources with scheme '${url.protocol.slice(0, -1)}' are not read`);
    }
  };

  async function persist<T>(signal: AbortSignal, work: (attempt: number) => Promise<T>): Promise<T> {
    const attempts = options.attempts ?? ATTEMPTS;
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await work(attempt);
      } catch (error) {
        if (!(error instanceof TransientError) || attempt >= attempts) throw error;
        const backoff = (options.backoffMs ?? BACKOFF_MS) * 2 ** (attempt - 1);
        await pause(Math.max(backoff, error.retryAfterMs ?? 0), undefined, { signal });
      }
    }
  }

  async function readOnce(url: URL, { signal, maxBytes, unless }: ReadRequest): Promise<ReadFile> {
    const limit = AbortSignal.timeout(times.metadataMs);
    try {
      const request = { signal: AbortSignal.any([signal, limit]), maxBytes, ...(unless ? { unless } : {}) };
      const fetched = await transportOf(url).open(url, request);
      if (fetched.kind !== 'content') return fetched;
      return { kind: 'content', bytes: await gather(fetched.bytes), validators: fetched.validators };
    } catch (error) {
      if (signal.aborted || !limit.aborted) throw error;
      throw new TransientError(`${shownUrl(url)} was not complete after ${times.metadataMs / 1000} s`, {
        cause: error,
      });
    }
  }

  return {
    open: (url, request) => transportOf(url).open(url, request),
    read: (url, request) => persist(request.signal, () => readOnce(url, request)),
    persist,
    locate: async (url) => (url.protocol === 'file:' ? fileSource().locate(url) : undefined),
    async close() {
      await Promise.all([http?.close(), ftp?.close(), files?.close()]);
    },
  };
}

async function gather(bytes: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  // Chunks are valid only until the next one is asked for.
  for await (const chunk of bytes) chunks.push(Uint8Array.from(chunk));
  return Buffer.concat(chunks);
}
