import cluster, { type Worker } from 'node:cluster';
import type { MetricsSnapshot } from '../metrics.js';
import { StartupError } from '../startup-error.js';
import { type FromWorker, SLOT, type ToWorker } from './messages.js';

/** What a slot tells its owner. */
export interface SlotEvents {
  /** Its worker takes requests at this URL. */
  serving(url: string): void;
  /** The worker ended unasked; `error` says how, in words for the operator. */
  ended(slot: Slot, error: StartupError): void;
  /** Its worker changed images. */
  changed(): void;
}

/** Milliseconds after which a worker counts as sound: its end is then an accident, not one more failed start. */
const SOUND_MS = 10_000;
const LONGEST_DELAY_MS = 30_000;
/** Milliseconds that a worker has to answer a question. */
const ANSWER_MS = 2_000;

/** Milliseconds until the next start after this many short lives in a row: one that died of an accident comes back at once, one that cannot live ever more slowly. */
export function restartDelay(shortLives: number): number {
  return Math.min(100 * 2 ** Math.max(0, shortLives - 1), LONGEST_DELAY_MS);
}

/** The place of one worker: the process that has it now, and when the next one gets it. */
export class Slot {
  #worker: Worker | undefined;
  #serving = false;
  /** Whether the worker was to open its logs anew before it could. */
  #overdue = false;
  #shortLives = 0;
  #restart: NodeJS.Timeout | undefined;
  readonly #waiting = new Set<(snapshot: MetricsSnapshot) => void>();

  constructor(
    readonly events: SlotEvents,
    readonly index: number,
  ) {}

  /** Starts a worker; the slot must have none. */
  start(): void {
    const started = performance.now();
    let failure: StartupError | undefined;
    const worker = cluster.fork({ [SLOT]: String(this.index) });
    this.#worker = worker;
    this.#overdue = false;
    worker.on('message', (message: FromWorker) => {
      if (message.kind === 'serving') {
        this.#serving = true;
        if (this.#overdue) this.reopen();
        this.events.serving(message.url);
      } else if (message.kind === 'failed') failure = new StartupError(message.message, message.exitCode);
      else if (message.kind === 'changed') this.events.changed();
      else this.#answer(message.snapshot);
    });
    // A channel that breaks is followed by the end of the process, which is what counts.
    worker.on('error', () => {});
    worker.once('exit', (code, signal) => {
      this.#worker = undefined;
      this.#serving = false;
      this.#answer([]);
      this.#shortLives = performance.now() - started < SOUND_MS ? this.#shortLives + 1 : 0;
      const end = signal ? `was ended by ${signal}` : `ended with code ${code}`;
      this.events.ended(this, failure ?? new StartupError(`Worker ${worker.process.pid} ${end}`, code || 1));
    });
  }

  /** Starts a worker after a delay that grows with failures, and returns the delay in milliseconds. */
  restart(): number {
    const delay = restartDelay(this.#shortLives);
    this.#restart = setTimeout(() => this.start(), delay);
    return delay;
  }

  /** Has the worker open its logs and read its certificates anew, one that is still starting as soon as it serves: before, it would die of the signal. */
  reopen(): void {
    this.#overdue = !this.#serving;
    if (this.#serving) this.#worker?.process.kill('SIGHUP');
  }

  /** Stops the worker, by force after `patience` milliseconds; resolves when it is gone. */
  async stop(patience: number): Promise<void> {
    clearTimeout(this.#restart);
    const worker = this.#worker;
    if (worker === undefined) return;
    const gone = new Promise((resolve) => worker.once('exit', resolve));
    worker.process.kill('SIGTERM');
    const impatience = setTimeout(() => worker.process.kill('SIGKILL'), patience);
    await gone;
    clearTimeout(impatience);
  }

  /** The worker's metrics; none when it does not serve, or not answer in time. */
  metrics(): Promise<MetricsSnapshot> {
    const worker = this.#worker;
    if (worker === undefined || !this.#serving) return Promise.resolve([]);
    return new Promise((resolve) => {
      const settle = (snapshot: MetricsSnapshot): void => {
        clearTimeout(timer);
        this.#waiting.delete(settle);
        resolve(snapshot);
      };
      const timer = setTimeout(() => settle([]), ANSWER_MS);
      this.#waiting.add(settle);
      const question: ToWorker = { kind: 'metrics' };
      worker.send(question, () => {});
    });
  }

  /** Tells the worker that images were changed by another one. One that does not serve yet will look at all of them. */
  tellChanged(): void {
    const news: ToWorker = { kind: 'changed' };
    if (this.#serving) this.#worker?.send(news, () => {});
  }

  #answer(snapshot: MetricsSnapshot): void {
    for (const settle of this.#waiting) settle(snapshot);
  }
}
