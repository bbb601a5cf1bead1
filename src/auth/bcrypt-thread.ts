import { Worker } from 'node:worker_threads';
import { RegistryError } from '../domain/errors.js';
import type { Comparison } from './bcrypt-worker.js';

/** Comparisons that may wait; one takes a tenth of a second with bcrypt's cost of 10. */
const MOST_WAITING = 32;

interface Waiting {
  resolve(same: boolean): void;
  reject(error: unknown): void;
}

/** Compares passwords with bcrypt hashes, one after the other, in a thread of its own that starts with the first one: requests do not stand still meanwhile. */
export class BcryptThread {
  readonly #waiting: Waiting[] = [];
  #worker: Worker | undefined;

  /** Throws busy when too many wait already. */
  compare(comparison: Comparison): Promise<boolean> {
    if (this.#waiting.length >= MOST_WAITING) {
      return Promise.reject(new RegistryError('busy', 'Too many passwords are being checked. Please try again later.'));
    }
    this.#worker ??= this.#start();
    this.#worker.ref();
    this.#worker.postMessage(comparison);
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  async close(): Promise<void> {
    await this.#worker?.terminate();
  }

  #start(): Worker {
    const worker = new Worker(new URL('./bcrypt-worker.js', import.meta.url), {
      resourceLimits: { maxOldGenerationSizeMb: 16 },
    });
    worker.on('message', (same: boolean) => {
      this.#waiting.shift()?.resolve(same);
      if (this.#waiting.length === 0) worker.unref();
    });
    const fail = (error: Error): void => {
      this.#worker = undefined;
      for (const { reject } of this.#waiting.splice(0)) reject(error);
    };
    worker.on('error', fail);
    worker.on('exit', () => fail(new Error('The thread that compares passwords ended.')));
    return worker;
  }
}
