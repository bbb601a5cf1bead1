import { setTimeout as wait } from 'node:timers/promises';
import { isRegistryError } from '../../src/domain/errors.js';
import { Sessions } from '../../src/net/sessions.js';
import { authenticate } from './authenticate.js';
import { isPassing, unexpected } from './errors.js';
import { DEFAULT_SWIFT_LIMITS, type SwiftStoreOptions } from './options.js';
import { parentOf } from './places.js';
import type { Session } from './session.js';
import { createTransport, type HttpAnswer, type HttpRequest, type Transport } from './transport.js';

/** Repetitions of a request after one that failed for a passing reason. */
const REPETITIONS = 3;

/** An object, a container, an account: what the absent parts leave. */
export interface Target {
  readonly account?: string;
  readonly container?: string;
  readonly object?: string;
}

export interface SwiftRequest extends HttpRequest {
  readonly target: Target;
  readonly query?: Readonly<Record<string, string>>;
}

/** Swift with its authentication. A request whose body is not a stream is repeated when it fails for a passing reason. */
export class SwiftClient {
  readonly #transport: Transport;
  readonly #sessions: Sessions<Session>;
  readonly #retryMs: number;

  private constructor(transport: Transport, options: SwiftStoreOptions) {
    this.#transport = transport;
    this.#sessions = new Sessions(() => authenticate(transport, options), options.expireSoonSeconds * 1000);
    this.#retryMs = options.limits?.retryMs ?? DEFAULT_SWIFT_LIMITS.retryMs;
  }

  /** Connects to nothing yet. Throws an Error when the CA file cannot be read. */
  static async create(options: SwiftStoreOptions): Promise<SwiftClient> {
    return new SwiftClient(await createTransport(options), options);
  }

  /** Throws storage-unavailable, storage-denied. */
  session(): Promise<Session> {
    return this.#sessions.current();
  }

  /** Gives back answers of any status. Throws storage-unavailable, storage-denied (at authentication), the signal's reason. */
  async send(request: SwiftRequest): Promise<HttpAnswer> {
    const replayable = typeof request.body !== 'object';
    return this.#repeated(replayable, request.signal, async () => {
      const session = await this.session();
      const answer = await this.#ask(session, request);
      if (answer.status !== 401) return answer;
      this.#sessions.drop(session);
      if (!replayable) return answer;
      await answer.drop();
      return this.#ask(await this.session(), request);
    });
  }

  /** The answer, its body passed over, when its status is one of these. Throws the error of any other status, and as send does. */
  async expect(statuses: readonly number[], request: SwiftRequest): Promise<HttpAnswer> {
    const answer = await this.send(request);
    await answer.drop();
    if (!statuses.includes(answer.status)) throw unexpected(answer.status);
    return answer;
  }

  /** What the cluster says of itself. */
  async info(): Promise<HttpAnswer> {
    return this.#repeated(true, undefined, async () => {
      const url = new URL((await this.session()).storageUrl);
      url.pathname = url.pathname.replace(/\/v1(?:\.0)?(?:\/.*)?$/, '/info');
      return this.#transport.ask(url, { method: 'GET' });
    });
  }

  close(): Promise<void> {
    return this.#transport.close();
  }

  #ask(session: Session, { target, query = {}, headers, ...request }: SwiftRequest): Promise<HttpAnswer> {
    const url = new URL(urlTo(target, session));
    url.search = new URLSearchParams(query).toString();
    return this.#transport.ask(url, { ...request, headers: { ...headers, 'x-auth-token': session.token } });
  }

  async #repeated(
    replayable: boolean,
    signal: AbortSignal | undefined,
    attempt: () => Promise<HttpAnswer>,
  ): Promise<HttpAnswer> {
    for (let left = replayable ? REPETITIONS : 0; ; left -= 1) {
      try {
        const answer = await attempt();
        if (left === 0 || !isPassing(answer.status)) return answer;
        await answer.drop();
      } catch (error) {
        if (left === 0 || !isRegistryError(error, 'storage-unavailable')) throw error;
      }
      await this.#pause(REPETITIONS - left, signal);
    }
  }

  async #pause(repetition: number, signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    await wait(this.#retryMs * 4 ** repetition, undefined, signal ? { signal } : {}).catch(() => {});
    signal?.throwIfAborted();
  }
}

/** The URL of a target, its parts percent-encoded. */
export function urlTo({ account, container, object }: Target, { storageUrl }: Session): string {
  const [scheme] = /^\w+/.exec(storageUrl) ?? [];
  const base =
    account === undefined ? storageUrl : `${scheme}://${parentOf(storageUrl)}/${encodeURIComponent(account)}`;
  return [base, ...[container, object].flatMap((part) => (part === undefined ? [] : [encodeURIComponent(part)]))].join(
    '/',
  );
}
