import type { Log } from '../domain/ports/log.js';
import type { MetricsSnapshot } from './metrics.js';
import type { StartupError } from './startup-error.js';
import { Slot } from './workers/slot.js';

/** Milliseconds that workers have to end by themselves: more than they give their requests, less than this process has. */
const PATIENCE_MS = 8_500;

/**
 * Processes that serve one address together, started from this process's own command line; the supervisor itself serves nothing.
 * The first of them decides whether the start succeeds; from then on those that die are replaced, ever more slowly if they keep dying.
 */
export class Supervisor {
  readonly #slots: readonly Slot[];
  readonly #failed = new Set<Slot>();
  #stopping = false;
  #served = false;
  #resolve: (url: string) => void = () => {};
  #reject: (error: StartupError) => void = () => {};

  constructor(
    count: number,
    readonly log: Log,
  ) {
    const events = {
      serving: (url: string) => this.#serving(url),
      ended: (slot: Slot, error: StartupError) => this.#ended(slot, error),
      changed: () => this.#slots[0]?.tellChanged(),
    };
    this.#slots = Array.from({ length: count }, (_, index) => new Slot(events, index));
  }

  /** Starts the workers and resolves with the URL when the first one serves. Throws the last worker's StartupError when none ever does. */
  start(): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
      for (const slot of this.#slots) slot.start();
    });
  }

  /** Has every worker open its logs anew. */
  reopen(): void {
    for (const slot of this.#slots) slot.reopen();
  }

  /** The metrics of every worker that serves. */
  metrics(): Promise<readonly MetricsSnapshot[]> {
    return Promise.all(this.#slots.map((slot) => slot.metrics()));
  }

  /** Stops all workers: requests may end, within limits. */
  async close(): Promise<void> {
    this.#stopping = true;
    await Promise.all(this.#slots.map((slot) => slot.stop(PATIENCE_MS)));
  }

  #serving(url: string): void {
    if (this.#served) return;
    this.#served = true;
    this.#resolve(url);
    for (const slot of this.#failed) this.#replace(slot);
  }

  #ended(slot: Slot, error: StartupError): void {
    if (this.#stopping) return;
    if (this.#served) {
      this.log.error(error.message);
      this.#replace(slot);
      return;
    }
    this.#failed.add(slot);
    if (this.#failed.size === this.#slots.length) this.#reject(error);
  }

  #replace(slot: Slot): void {
    if (this.#stopping) return;
    const delay = slot.restart();
    this.log.info(`The next worker starts in ${delay / 1000} s`);
  }
}
