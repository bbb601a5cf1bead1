import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import type { Client, FTPError } from 'basic-ftp';
import { shownUrl } from '../../net/url-rules.js';
import { SyncError } from '../sync-error.js';
import { guardedBody, tooLarge } from './guarded-body.js';
import { networkError } from './network-error.js';
import { type OriginRules, originOf } from './origins.js';
import type { RateLimit } from './rate-limit.js';
import { TransientError } from './transient-error.js';
import type { Fetched, FetchRequest, FetchTimes, Transport, Validators } from './transport.js';

export interface FtpTransportOptions {
  readonly origins: OriginRules;
  readonly times: FetchTimes;
  readonly rate: RateLimit;
  /** Certificate authorities (PEM) instead of the usual ones, for `ftps:`. */
  readonly ca?: string | undefined;
  readonly insecure?: boolean | undefined;
}

/** Sessions that are kept for the next file. */
const MOST_IDLE = 4;

/**
 * Files over FTP, in passive mode with the server's own host alone, and over implicit TLS for `ftps:`. What stands for an ETag is time and size.
 * The client is loaded with the first file.
 */
export function ftpTransport(options: FtpTransportOptions): Transport {
  const { origins, times, rate } = options;
  const idle: Client[] = [];

  async function session(): Promise<{ readonly client: Client; logIn(): Promise<unknown> }> {
    const kept = idle.pop();
    if (kept !== undefined && !kept.closed) return { client: kept, logIn: async () => {} };
    const { Client } = await import('basic-ftp');
    const client = new Client(times.connectMs, { allowSeparateTransferHost: false });
    return { client, logIn: () => client.access(access(options)) };
  }

  const keep = (client: Client): void => {
    if (client.closed || idle.length >= MOST_IDLE) client.close();
    else idle.push(client);
  };

  async function open(url: URL, request: FetchRequest): Promise<Fetched> {
    const path = pathOf(url);
    const name = shownUrl(url);
    const { signal, maxBytes, unless, resume } = request;
    const { client, logIn } = await session();
    const onAbort = (): void => client.close();
    signal.addEventListener('abort', onAbort, { once: true });
    // Its own time-outs begin anew with every byte of a reply.
    const late = setTimeout(onAbort, times.answerMs);
    try {
      await logIn();
      const size = await known(client.size(path));
      const validators = validatorsOf(size, await known(client.lastMod(path)));
      if (unless?.etag !== undefined && unless.etag === validators.etag) {
        signal.removeEventListener('abort', onAbort);
        keep(client);
        return { kind: 'unchanged' };
      }
      if (size !== undefined && size > maxBytes) throw tooLarge(name, maxBytes);
      const same = validators.etag !== undefined && validators.etag === resume?.validators.etag;
      const start = resume !== undefined && same ? resume.from : 0;
      const body = await transfer(client, path, start);
      let open = true;
      const close = (): void => {
        if (!open) return;
        open = false;
        signal.removeEventListener('abort', onAbort);
        if (body.finished()) keep(client);
        else client.close();
      };
      const guard = { name, start, maxBytes, size, rate, signal, close };
      const { idleMs, stallBytes } = times;
      return {
        kind: 'content',
        start,
        size,
        validators,
        bytes: guardedBody(body.bytes, { ...guard, idleMs, stallBytes }),
        close: guard.close,
      };
    } catch (error) {
      signal.removeEventListener('abort', onAbort);
      client.close();
      throw error;
    } finally {
      clearTimeout(late);
    }
  }

  return {
    async open(url, request) {
      originOf(url, origins);
      try {
        return await open(url, request);
      } catch (error) {
        if (request.signal.aborted) throw request.signal.reason;
        if (replyOf(error) === 550) return { kind: 'absent' };
        throw asSyncError(url, error);
      }
    },
    async close() {
      for (const client of idle.splice(0)) client.close();
    },
  };
}

function access({ origins: { home }, ca, insecure }: FtpTransportOptions) {
  const implicit = home.protocol === 'ftps:';
  return {
    host: home.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: home.port === '' ? (implicit ? 990 : 21) : Number(home.port),
    user: home.username === '' ? 'anonymous' : decodeURIComponent(home.username),
    password: home.username === '' ? 'image-sync@' : decodeURIComponent(home.password),
    ...(implicit
      ? {
          secure: 'implicit' as const,
          secureOptions: ca === undefined ? { rejectUnauthorized: insecure !== true } : { ca },
        }
      : {}),
  };
}

/** The path as it goes into commands, relative to where the login leads (RFC 1738 section 3.2.2). Throws SyncError for one that would be two commands. */
function pathOf(url: URL): string {
  const path = decodeURIComponent(url.pathname.replace(/^\//, ''));
  if (/\p{Cc}/u.test(path)) throw new SyncError('refused', `${shownUrl(url)} holds control characters`);
  return path;
}

/** What a server may leave unanswered. */
async function known<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (replyOf(error) === undefined) throw error;
    return undefined;
  }
}

function validatorsOf(size: number | undefined, time: Date | undefined): Validators {
  return size === undefined || time === undefined ? {} : { etag: `"${time.getTime()}-${size}"` };
}

/** Begins a download. Throws what the server says before the first byte. */
async function transfer(client: Client, path: string, start: number) {
  const pass = new PassThrough({ highWaterMark: 256 * 1024 });
  let finished = false;
  const done = client.downloadTo(pass, path, start).then(() => {
    finished = true;
  });
  done.catch((error: Error) => pass.destroy(error));
  pass.on('error', () => {});
  await Promise.race([once(pass, 'readable'), done]);
  // A stream that ended without a byte is an empty file, or one that is not there.
  if (pass.readableLength === 0) await done;
  async function* bytes(): AsyncGenerator<Uint8Array, void, undefined> {
    yield* pass;
    await done;
  }
  return { bytes: bytes(), finished: () => finished };
}

/** The code of the server's reply, where the error is one. */
function replyOf(error: unknown): number | undefined {
  return isReply(error) ? error.code : undefined;
}

function isReply(error: unknown): error is FTPError {
  return error instanceof Error && 'code' in error && typeof error.code === 'number';
}

/** The words of a reply may repeat what we sent, and are the server's: the code alone says enough. */
function asSyncError(url: URL, error: unknown): SyncError {
  const code = replyOf(error);
  if (code === undefined) return networkError(url, error);
  const message = `${shownUrl(url)}: the server replied ${code}`;
  return code < 500 ? new TransientError(message) : new SyncError('unreachable', message);
}
