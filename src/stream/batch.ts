import { SLAB_BYTES, type Slab, type SlabPool } from './slabs.js';
import { collectAfter } from './young-collection.js';

/** Slabs that one stream may hold: one being filled, one being written, two being hashed or waiting. */
const SLABS_PER_STREAM = 4;

/** A slab with the bytes that it holds. Whoever took it from the batch releases it, once. */
export interface Batched {
  readonly bytes: Uint8Array;
  release(): void;
}

/**
 * Gathers chunks of any size into slabs and hands those out in order. One writer, one reader.
 * The writer waits when the reader and the hashers fall behind: that is the back-pressure of an upload.
 */
export class Batch {
  readonly #pool: SlabPool;
  readonly #ready: Batched[] = [];
  #current: Slab | undefined;
  #filled = 0;
  #held = 0;
  #ended = false;
  #failure: { readonly error: unknown } | undefined;
  #wakeReader: (() => void) | undefined;
  #wakeWriter: (() => void) | undefined;

  constructor(pool: SlabPool) {
    this.#pool = pool;
  }

  /** Copies the chunk. Resolves when all of it is taken; returns nothing when that was at once. Silent after a failure: the reader tells. */
  write(chunk: Uint8Array): Promise<void> | undefined {
    const taken = this.#copy(chunk, 0);
    return taken === chunk.byteLength ? undefined : this.#writeRest(chunk, taken);
  }

  /** No more bytes will come. */
  end(): void {
    if (this.#ended || this.#failure) return;
    this.#ended = true;
    if (this.#filled > 0) this.#flush();
    this.#wake();
  }

  /** The reader's next call throws `error`; bytes not yet handed out are dropped. The first failure counts. */
  fail(error: unknown): void {
    if (this.#failure) return;
    this.#failure = { error };
    for (const batched of this.#ready.splice(0)) batched.release();
    if (this.#current) this.#release(this.#current);
    this.#current = undefined;
    this.#wake();
  }

  /** The next full slab, or the last one; undefined at the end. Throws what the batch failed with. */
  async next(): Promise<Batched | undefined> {
    for (;;) {
      if (this.#failure) throw this.#failure.error;
      const batched = this.#ready.shift();
      if (batched || this.#ended) return batched;
      await new Promise<void>((resolve) => {
        this.#wakeReader = resolve;
      });
    }
  }

  async #writeRest(chunk: Uint8Array, from: number): Promise<void> {
    let taken = from;
    while (taken < chunk.byteLength) {
      await new Promise<void>((resolve) => {
        this.#wakeWriter = resolve;
      });
      taken = this.#copy(chunk, taken);
    }
  }

  /** Copies from `taken` on and returns how far it came before slabs ran out. */
  #copy(chunk: Uint8Array, from: number): number {
    let taken = from;
    while (taken < chunk.byteLength) {
      if (this.#failure || this.#ended) return chunk.byteLength;
      this.#current ??= this.#take();
      if (!this.#current) return taken;
      const part = chunk.subarray(taken, taken + SLAB_BYTES - this.#filled);
      this.#current.set(part, this.#filled);
      this.#filled += part.byteLength;
      taken += part.byteLength;
      if (this.#filled === SLAB_BYTES) this.#flush();
    }
    return taken;
  }

  #take(): Slab | undefined {
    if (this.#held >= SLABS_PER_STREAM) return undefined;
    const slab = this.#pool.take(this.#held);
    if (slab) this.#held += 1;
    return slab;
  }

  #flush(): void {
    const slab = this.#current;
    if (!slab) return;
    this.#ready.push({ bytes: slab.subarray(0, this.#filled), release: () => this.#release(slab) });
    collectAfter(this.#filled);
    this.#current = undefined;
    this.#filled = 0;
    this.#wakeReader?.();
  }

  #release(slab: Slab): void {
    this.#pool.give(slab);
    this.#held -= 1;
    this.#wakeWriter?.();
  }

  #wake(): void {
    this.#wakeReader?.();
    this.#wakeWriter?.();
  }
}
