import { Worker } from 'node:worker_threads';
import type { Answer, Order } from './messages.js';

/** One digest computed by a thread. Updates may be sent before earlier ones are answered. */
export interface ThreadDigest {
  /** Resolves when the bytes are hashed. */
  update(chunk: Uint8Array): Promise<void>;
  finish(): Promise<string>;
  abort(): void;
}

interface Waiting {
  resolve(answer: Answer): void;
  reject(error: unknown): void;
}

/** A worker thread that computes any number of digests at once, and keeps the process alive only while it owes an answer. */
export class HashingThread {
  /** Digests under way. */
  digests = 0;
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting[]>();
  #owed = 0;
  #closing = false;
  #lastId = 0;
  #failure: Error | undefined;

  constructor() {
    this.#worker = new Worker(new URL('./worker.js', import.meta.url), {
      resourceLimits: { maxOldGenerationSizeMb: 16 },
    });
    this.#worker.unref();
    this.#worker.on('message', (answer: Answer) => this.#settle(answer.id)?.resolve(answer));
    this.#worker.on('error', (error) => this.#fail(error));
    this.#worker.on('exit', () => this.#fail(new Error('The hashing thread ended.')));
  }

  get alive(): boolean {
    return this.#failure === undefined;
  }

  start(algorithm: string): ThreadDigest {
    this.#lastId += 1;
    const id = this.#lastId;
    let open = true;
    const leave = (): void => {
      if (open) this.digests -= 1;
      open = false;
    };
    this.digests += 1;
    this.#send({ kind: 'start', id, algorithm });
    return {
      update: async (bytes) => {
        await this.#ask({ kind: 'update', id, bytes });
      },
      finish: async () => {
        leave();
        const { digest } = await this.#ask({ kind: 'finish', id });
        return digest ?? '';
      },
      abort: () => {
        if (open) this.#send({ kind: 'abort', id });
        leave();
      },
    };
  }

  async close(): Promise<void> {
    // From here on the process waits for the thread: an answer that was on its way must not let go of it.
    this.#closing = true;
    await this.#worker.terminate();
  }

  #send(order: Order): void {
    this.#worker.postMessage(order);
  }

  #ask(order: Order): Promise<Answer> {
    if (this.#failure) return Promise.reject(this.#failure);
    this.#owed += 1;
    if (this.#owed === 1) this.#worker.ref();
    return new Promise((resolve, reject) => {
      const queue = this.#waiting.get(order.id);
      if (queue) queue.push({ resolve, reject });
      else this.#waiting.set(order.id, [{ resolve, reject }]);
      this.#send(order);
    });
  }

  #settle(id: number): Waiting | undefined {
    const queue = this.#waiting.get(id);
    const waiting = queue?.shift();
    if (queue?.length === 0) this.#waiting.delete(id);
    if (waiting) this.#owed -= 1;
    if (waiting && this.#owed === 0 && !this.#closing) this.#worker.unref();
    return waiting;
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    for (const id of [...this.#waiting.keys()]) {
      for (let waiting = this.#settle(id); waiting; waiting = this.#settle(id)) waiting.reject(error);
    }
  }
}
