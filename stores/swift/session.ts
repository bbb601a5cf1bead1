/** The right to use one account, for a time. */
export interface Session {
  readonly token: string;
  /** URL of the account, without a slash at its end. */
  readonly storageUrl: string;
  /** Milliseconds of the epoch; infinite when the service does not say. */
  readonly expiresAt: number;
}

/** Keeps one session for all requests, and replaces it before it ends; however many ask, one of them authenticates. */
export class Sessions {
  readonly #authenticate: () => Promise<Session>;
  readonly #soonMs: number;
  readonly #now: () => number;
  #session: Session | undefined;
  #renewAt = 0;
  #pending: Promise<Session> | undefined;

  /** A session is replaced `soonMs` before its end, but never in the first half of its life. */
  constructor(authenticate: () => Promise<Session>, soonMs: number, now: () => number = Date.now) {
    this.#authenticate = authenticate;
    this.#soonMs = soonMs;
    this.#now = now;
  }

  /** Throws what authentication throws, unless the session at hand has not ended yet; the next call tries again. */
  async current(): Promise<Session> {
    if (this.#session && this.#now() < this.#renewAt) return this.#session;
    this.#pending ??= this.#renew().finally(() => {
      this.#pending = undefined;
    });
    return this.#pending.catch((error: unknown) => {
      if (this.#session && this.#now() < this.#session.expiresAt) return this.#session;
      throw error;
    });
  }

  /** Told of a session that the service no longer takes. One that was replaced meanwhile is no news. */
  drop(session: Session): void {
    if (this.#session === session) this.#session = undefined;
  }

  async #renew(): Promise<Session> {
    const begun = this.#now();
    const session = await this.#authenticate();
    const life = session.expiresAt - begun;
    this.#renewAt = session.expiresAt - Math.min(this.#soonMs, life / 2);
    this.#session = session;
    return session;
  }
}
