import type { FileHandle } from 'node:fs/promises';
import type { ByteRange, Opened } from '../domain/ports/store.js';
import { within } from '../stream/open-file.js';

const CHUNK_BYTES = 256 * 1024;

export interface Outcome {
  /** Makes the finished file what later readers find. */
  keep(): Promise<void>;
  /** Takes the unfinished file away. */
  discard(error: unknown): Promise<void>;
}

/** One object on its way from its origin into a file, with readers that follow as far as it has come. */
export class Fill {
  /** Settles when the object is there whole, or throws why it never will be. */
  readonly finished: Promise<void>;
  #written = 0;
  #ended = false;
  #failure: unknown;
  #readers = 0;
  #wake: (() => void)[] = [];

  constructor(
    private readonly source: Opened,
    private readonly file: FileHandle,
    outcome: Outcome,
  ) {
    this.finished = this.#run(outcome);
    // Readers are told by the bytes that they wait for.
    this.finished.catch(() => {});
  }

  /** Bytes of the whole object, when its origin says so. */
  get size(): number | undefined {
    return this.source.size;
  }

  /** The bytes as they come. Throws range where the size is known and the range is not within. */
  follow(range: ByteRange | undefined, signal: AbortSignal): Opened {
    const { start, end } = within(range, this.size ?? Number.MAX_SAFE_INTEGER);
    this.#readers += 1;
    let left = false;
    const close = async (): Promise<void> => {
      if (left) return;
      left = true;
      this.#readers -= 1;
      await this.#release();
    };
    return { bytes: this.#read(start, end, signal, close), size: this.size, close };
  }

  async *#read(
    start: number,
    end: number,
    signal: AbortSignal,
    close: () => Promise<void>,
  ): AsyncGenerator<Uint8Array, void, undefined> {
    const buffer = Buffer.allocUnsafeSlow(CHUNK_BYTES);
    const wake = (): void => this.#progress();
    signal.addEventListener('abort', wake);
    try {
      for (let position = start; position < end; ) {
        signal.throwIfAborted();
        const ready = Math.min(this.#written, end) - position;
        if (ready > 0) {
          const { bytesRead } = await this.file.read(buffer, 0, Math.min(ready, buffer.length), position);
          position += bytesRead;
          yield buffer.subarray(0, bytesRead);
        } else if (this.#failure !== undefined) throw this.#failure;
        else if (this.#ended) return;
        else {
          await new Promise<void>((resolve) => {
            this.#wake.push(resolve);
          });
        }
      }
    } finally {
      signal.removeEventListener('abort', wake);
      await close();
    }
  }

  async #run({ keep, discard }: Outcome): Promise<void> {
    try {
      for await (const chunk of this.source.bytes) {
        for (let at = 0; at < chunk.byteLength; ) {
          const { bytesWritten } = await this.file.write(chunk, at, chunk.byteLength - at, this.#written);
          at += bytesWritten;
          this.#written += bytesWritten;
        }
        this.#progress();
      }
      await keep();
    } catch (error) {
      this.#failure = error;
      await discard(error);
      throw error;
    } finally {
      this.#ended = true;
      this.#progress();
      await this.source.close();
      await this.#release();
    }
  }

  #progress(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }

  /** The file is closed by whoever needs it last. */
  async #release(): Promise<void> {
    if (this.#ended && this.#readers === 0) await this.file.close().catch(() => {});
  }
}
