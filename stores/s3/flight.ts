import { setMaxListeners } from 'node:events';

/** Some tasks at once, at most `most`. The first failure cancels the others and is thrown by every call that waits. */
export class Flight {
  readonly #most: number;
  readonly #running = new Set<Promise<void>>();
  readonly #halt = new AbortController();
  readonly #signal: AbortSignal;
  #failure: { readonly error: unknown } | undefined;

  constructor(most: number, signal: AbortSignal) {
    this.#most = most;
    this.#signal = AbortSignal.any([signal, this.#halt.signal]);
    setMaxListeners(0, this.#signal);
  }

  /** Tasks under way. */
  get size(): number {
    return this.#running.size;
  }

  start(task: (signal: AbortSignal) => Promise<void>): void {
    const running = task(this.#signal)
      .catch((error: unknown) => {
        this.#failure ??= { error };
        this.#halt.abort(error);
      })
      .finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  /** Resolves when another task may start. */
  async vacancy(): Promise<void> {
    this.#check();
    while (this.#running.size >= this.#most) await this.oneLanded();
  }

  /** Resolves when one of the tasks under way is over. */
  async oneLanded(): Promise<void> {
    await Promise.race(this.#running);
    this.#check();
  }

  /** Resolves when all tasks are over. */
  async landed(): Promise<void> {
    await Promise.all(this.#running);
    this.#check();
  }

  /** Ends all tasks, and resolves when they are over. */
  async cancel(): Promise<void> {
    this.#halt.abort(new Error('cancelled'));
    await Promise.all(this.#running);
  }

  #check(): void {
    if (this.#failure) throw this.#failure.error;
  }
}
