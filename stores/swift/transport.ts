import { readFile } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import type { Agent, Dispatcher } from 'undici';
import { unavailable } from './errors.js';
import { DEFAULT_SWIFT_LIMITS, type SwiftStoreOptions } from './options.js';

/** Bytes of an answer that are worth reading only to keep its connection. */
const WORTH_KEEPING = 64 * 1024;

export interface HttpRequest {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE';
  /** Names in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Readable;
  readonly signal?: AbortSignal | undefined;
}

export interface HttpAnswer {
  readonly status: number;
  /** The first value of a header, by its name in lower case. */
  header(name: string): string | undefined;
  /** Must be read to the end or destroyed, if neither `text` nor `drop` is called. */
  readonly body: Readable;
  text(): Promise<string>;
  /** Reads past a short body, hangs up on a long one. */
  drop(): Promise<void>;
}

/** HTTP to the operator's own services. */
export interface Transport {
  /** Gives back answers of any status. Throws storage-unavailable when none comes, the signal's reason when it is aborted. */
  ask(url: URL, request: HttpRequest): Promise<HttpAnswer>;
  /** Ends every connection, those in use included. */
  close(): Promise<void>;
}

/** The HTTP client is loaded with the first request: servers without Swift never need it. Throws an Error when the CA file cannot be read. */
export async function createTransport(options: SwiftStoreOptions): Promise<Transport> {
  const ca = options.caFile === undefined ? undefined : await readAuthorities(options.caFile);
  const limits = { ...DEFAULT_SWIFT_LIMITS, ...options.limits };
  let starting: Promise<Agent> | undefined;
  const start = async (): Promise<Agent> => {
    const { Agent } = await import('undici');
    return new Agent({
      connect: { timeout: limits.connectMs, rejectUnauthorized: !options.insecure, ...(ca ? { ca } : {}) },
      headersTimeout: limits.headersMs,
      bodyTimeout: limits.idleMs,
    });
  };
  return {
    async ask(url, { method, headers = {}, body, signal }) {
      signal?.throwIfAborted();
      starting ??= start();
      const agent = await starting;
      try {
        return answerOf(
          await agent.request({
            origin: url.origin,
            path: url.pathname + url.search,
            method,
            headers: { 'user-agent': 'glimpse', ...headers },
            ...(body === undefined ? {} : { body }),
            ...(signal ? { signal } : {}),
          }),
        );
      } catch (error) {
        if (signal?.aborted) throw signal.reason;
        throw unavailable('The image storage media cannot be reached.', error);
      }
    },
    async close() {
      await (await starting)?.destroy();
    },
  };
}

function answerOf({ statusCode, headers, body }: Dispatcher.ResponseData): HttpAnswer {
  body.on('error', () => {});
  const broken = (error: unknown): never => {
    throw unavailable('The image storage media broke off its answer.', error);
  };
  return {
    status: statusCode,
    header: (name) => [headers[name]].flat()[0],
    body,
    text: () => body.text().catch(broken),
    drop: () => body.dump({ limit: WORTH_KEEPING }).catch(() => {}),
  };
}

async function readAuthorities(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`swift_store_cacert cannot be read: ${reason}`, { cause: error });
  }
}
