/** Something that serves until a time in milliseconds of the epoch; infinite when nobody says. */
export interface Expiring {
  readonly expiresAt: number;
}

/** Keeps one session for all requests, and replaces it before it ends; however many ask, one of them authenticates. */
export class Sessions<S extends Expiring> {
  readonly #authenticate: () => Promise<S>;
  readonly #soonMs: number;
  readonly #now: () => number;
  #session: S | undefined;
  #renewAt = 0;
  #pending: Promise<S> | undefined;

  /** A session is replaced `soonMs` before its end, but never in the first half of its life. */
  constructor(authenticate: () => Promise<S>, soonMs: number, now: () => number = Date.now) {
    this.#authenticate = authenticate;
    this.#soonMs = soonMs;
    this.#now = now;
  }

  /** Throws what authentication throws, unless the session at hand has not ended yet; the next call tries again. */
  async current(): Promise<S> {
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
  drop(session: S): void {
    if (this.#session === session) this.#session = undefined;
  }

  async #renew(): Promise<S> {
    const begun = this.#now();
    const session = await this.#authenticate();
    const life = session.expiresAt - begun;
    this.#renewAt = session.expiresAt - Math.min(this.#soonMs, life / 2);
    this.#session = session;
    return session;
  }
}
