import { isRegistryError } from '../../domain/errors.js';
import type { Log } from '../../domain/ports/log.js';

/** What tells the time and wakes up; the process's own, but in tests. */
export interface Alarm {
  /** Milliseconds, from any moment on. */
  now(): number;
  /** Calls back once after so many milliseconds, unless what it returns is called before. */
  after(milliseconds: number, act: () => void): () => void;
}

export interface ScheduleOptions {
  /** Milliseconds between the end of one run and the next; 0 is never. */
  readonly interval: number;
  /** Milliseconds without a change after which there is a run; while changes go on, it comes after ten times that. Undefined: changes do not matter. */
  readonly delay: number | undefined;
  /** Brings the repository up to date. */
  publish(signal: AbortSignal): Promise<void>;
  readonly log: Log;
  readonly alarm?: Alarm;
}

/** Milliseconds until a failed run is tried again; each further time twice as long. */
const FIRST_RETRY = 15_000;
const LONGEST_RETRY = 3_600_000;
const PATIENCE = 10;

const PROCESS_ALARM: Alarm = {
  now: () => performance.now(),
  after(milliseconds, act) {
    // Longer than a timer can: it wakes up early, and looks again.
    const timer = setTimeout(act, Math.min(milliseconds, 2_000_000_000));
    timer.unref();
    return () => clearTimeout(timer);
  },
};

/**
 * Runs a publisher at intervals and after changes, one run at a time, beside everything else that a server does: a run that fails is logged and
 * tried again, and never thrown. The first run comes with the start, since nobody knows what changed before.
 */
export class PublishSchedule {
  readonly #options: ScheduleOptions;
  readonly #alarm: Alarm;
  /** When the next run is due, by its reason. */
  #regular: number | undefined;
  #change: { readonly first: number; readonly due: number } | undefined;
  #cancel: () => void = () => {};
  #running: Promise<void> | undefined;
  #failures = 0;
  readonly #stopped = new AbortController();

  constructor(options: ScheduleOptions) {
    this.#options = options;
    this.#alarm = options.alarm ?? PROCESS_ALARM;
  }

  start(): void {
    this.#regular = this.#alarm.now();
    this.#arm();
  }

  /** Images were changed. During a run too: that may have missed it. */
  changed(): void {
    const { delay } = this.#options;
    if (delay === undefined) return;
    const now = this.#alarm.now();
    const first = this.#change?.first ?? now;
    this.#change = { first, due: Math.min(now + delay, first + delay * PATIENCE) };
    this.#arm();
  }

  /** Ends a run that is under way, and resolves when it has; there is none any more. */
  async stop(): Promise<void> {
    this.#stopped.abort(new Error('the server stops'));
    this.#cancel();
    await this.#running;
  }

  #arm(): void {
    this.#cancel();
    if (this.#running !== undefined || this.#stopped.signal.aborted) return;
    const due = Math.min(this.#regular ?? Number.POSITIVE_INFINITY, this.#change?.due ?? Number.POSITIVE_INFINITY);
    if (due === Number.POSITIVE_INFINITY) return;
    this.#cancel = this.#alarm.after(Math.max(0, due - this.#alarm.now()), () => {
      if (this.#alarm.now() < due) return this.#arm();
      this.#running = this.#run().finally(() => {
        this.#running = undefined;
        this.#arm();
      });
    });
  }

  async #run(): Promise<void> {
    const { log, interval, publish } = this.#options;
    this.#regular = undefined;
    this.#change = undefined;
    try {
      await publish(this.#stopped.signal);
      this.#failures = 0;
      if (interval > 0) this.#regular = this.#alarm.now() + interval;
    } catch (error) {
      if (this.#stopped.signal.aborted) return;
      const wait = Math.min(FIRST_RETRY * 2 ** this.#failures, LONGEST_RETRY);
      this.#regular = this.#alarm.now() + wait;
      // Another server of the same repository is at work: what it misses is seen to afterwards.
      if (isRegistryError(error, 'busy')) {
        log.info('another publisher is at work', { again: wait / 1000 });
        return;
      }
      this.#failures += 1;
      log.error('publishing failed', { error, again: wait / 1000 });
    }
  }
}
