import { setTimeout as wait } from 'node:timers/promises';
import type { Agent } from 'undici';
import { RegistryError } from '../domain/errors.js';

export interface KeystoneTransportOptions {
  /** Milliseconds that one request may take, its answer included. */
  readonly timeoutMs: number;
  /** Further tries when there is no connection. */
  readonly retries: number;
  /** Milliseconds before the first of them; each further one waits twice as long. */
  readonly retryMs?: number;
  /** PEM texts. */
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  /** Takes every certificate. */
  readonly insecure: boolean;
}

export interface KeystoneRequest {
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface KeystoneAnswer {
  readonly status: number;
  readonly subjectToken: string | undefined;
  readonly text: string;
}

/** Sockets to Keystone: what waits for one waits here and not in its backlog. */
const CONNECTIONS = 16;
/** Bytes of an answer; the catalog of a large cloud has a tenth of that. */
const MOST_BYTES = 4 * 1024 * 1024;

/** HTTP to Keystone. The client is loaded with the first request: servers without Keystone never need it. */
export class KeystoneTransport {
  readonly #options: KeystoneTransportOptions;
  #starting: Promise<Agent> | undefined;

  constructor(options: KeystoneTransportOptions) {
    this.#options = options;
  }

  /** An answer of any status. Throws identity-unavailable when none comes in time. */
  async ask(url: string, request: KeystoneRequest): Promise<KeystoneAnswer> {
    const { retries, retryMs = 100 } = this.#options;
    for (let tries = 0; ; tries += 1) {
      try {
        return await this.#once(new URL(url), request);
      } catch (error) {
        if (tries >= retries || isLate(error)) throw identityUnavailable('Keystone cannot be reached.', error);
        await wait(retryMs * 2 ** tries);
      }
    }
  }

  async close(): Promise<void> {
    await (await this.#starting)?.destroy();
  }

  async #once(url: URL, { method, headers, body }: KeystoneRequest): Promise<KeystoneAnswer> {
    this.#starting ??= this.#start();
    const agent = await this.#starting;
    const answer = await agent.request({
      origin: url.origin,
      path: url.pathname + url.search,
      method,
      headers: { 'user-agent': 'glimpse', accept: 'application/json', ...headers },
      ...(body === undefined ? {} : { body }),
      signal: AbortSignal.timeout(this.#options.timeoutMs),
    });
    const text = await answer.body.text();
    return { status: answer.statusCode, subjectToken: [answer.headers['x-subject-token']].flat()[0], text };
  }

  async #start(): Promise<Agent> {
    const { Agent } = await import('undici');
    const { ca, cert, key, insecure, timeoutMs } = this.#options;
    const pem = { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) };
    return new Agent({
      connections: CONNECTIONS,
      maxResponseSize: MOST_BYTES,
      connect: { ...pem, rejectUnauthorized: !insecure, timeout: timeoutMs },
    });
  }
}

/** A silent Keystone is not asked again: the client has waited long enough. */
function isLate(error: unknown): boolean {
  return error instanceof Error && (error.name === 'TimeoutError' || error.name === 'ConnectTimeoutError');
}

/** The client learns only that it may come again; why is for the log. */
export function identityUnavailable(why: string, cause?: unknown): RegistryError {
  const reason = new Error(why, cause === undefined ? {} : { cause });
  return new RegistryError('identity-unavailable', 'The Keystone service is temporarily unavailable.', {
    cause: reason,
  });
}
