/** What was found out, and until when it holds (milliseconds of the epoch). */
interface Found<T> {
  readonly value: T | undefined;
  readonly until: number;
}

export interface TokenCacheOptions<T> {
  /** Until when a good token's facts hold, in milliseconds of the epoch. */
  readonly goodUntil: (value: T, now: number) => number;
  /** Milliseconds for which a token that was refused stays refused. */
  readonly badMs: number;
  /** Tokens of each sort that are remembered. */
  readonly most: number;
  readonly now?: () => number;
}

/**
 * Remembers what tokens are good for, and which are good for nothing, the least recently used forgotten first. The two are kept apart, so that
 * a flood of made-up tokens drives no good one out. However many ask for one token at a time, one of them finds out.
 */
export class TokenCache<T> {
  readonly #options: TokenCacheOptions<T>;
  readonly #now: () => number;
  readonly #good = new Map<string, Found<T>>();
  readonly #bad = new Map<string, Found<T>>();
  readonly #pending = new Map<string, Promise<T | undefined>>();

  constructor(options: TokenCacheOptions<T>) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  /** The facts of the token of this key, undefined when it is refused. Throws what `ask` throws, and remembers nothing then. */
  get(key: string, ask: () => Promise<T | undefined>): Promise<T | undefined> {
    const known = this.#recall(this.#good, key) ?? this.#recall(this.#bad, key);
    if (known) return Promise.resolve(known.value);
    let pending = this.#pending.get(key);
    if (pending === undefined) {
      pending = this.#find(key, ask).finally(() => this.#pending.delete(key));
      this.#pending.set(key, pending);
    }
    return pending;
  }

  async #find(key: string, ask: () => Promise<T | undefined>): Promise<T | undefined> {
    const begun = this.#now();
    const value = await ask();
    const { goodUntil, badMs } = this.#options;
    if (value === undefined) this.#remember(this.#bad, key, { value, until: begun + badMs });
    else this.#remember(this.#good, key, { value, until: goodUntil(value, begun) });
    return value;
  }

  #recall(among: Map<string, Found<T>>, key: string): Found<T> | undefined {
    const found = among.get(key);
    if (found === undefined) return undefined;
    among.delete(key);
    if (found.until <= this.#now()) return undefined;
    among.set(key, found);
    return found;
  }

  #remember(among: Map<string, Found<T>>, key: string, found: Found<T>): void {
    if (found.until <= this.#now()) return;
    among.set(key, found);
    if (among.size <= this.#options.most) return;
    for (const [oldest] of among) {
      among.delete(oldest);
      return;
    }
  }
}
