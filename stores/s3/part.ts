import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { SLAB_BYTES, type Slab, type SlabPool } from '../../src/stream/slabs.js';

/** Bytes kept until the service has them, so that they can be sent again. */
export class Part {
  size = 0;
  readonly #pool: SlabPool;
  readonly #slabs: Slab[] = [];

  constructor(pool: SlabPool) {
    this.#pool = pool;
  }

  /**
   * Copies as much of the chunk as there is room for, and returns how much that was.
   * `needed`: the caller has nothing else to go on with, so it gets room even when the pool is used up.
   */
  append(chunk: Uint8Array, needed: boolean): number {
    let taken = 0;
    while (taken < chunk.byteLength) {
      const at = this.size % SLAB_BYTES;
      const slab = at === 0 ? this.#grow(needed) : this.#slabs.at(-1);
      if (!slab) return taken;
      const piece = chunk.subarray(taken, taken + SLAB_BYTES - at);
      slab.set(piece, at);
      this.size += piece.byteLength;
      taken += piece.byteLength;
    }
    return taken;
  }

  /** The bytes as a stream; any number of times. A stream, because the SDK would hash anything else before it sends it. */
  body(): Readable {
    return Readable.from(this.#pieces(), { objectMode: false, highWaterMark: SLAB_BYTES });
  }

  /** Hex. In turns with everything else that this thread does: ten MiB take twelve milliseconds. */
  async md5(): Promise<string> {
    const hash = createHash('md5');
    for (const piece of this.#pieces()) {
      hash.update(piece);
      await setImmediate();
    }
    return hash.digest('hex');
  }

  /** Gives the memory back. Nobody may read a body of it afterwards. */
  release(): void {
    for (const slab of this.#slabs.splice(0)) this.#pool.give(slab);
    this.size = 0;
  }

  #grow(needed: boolean): Slab | undefined {
    const slab = this.#pool.take(needed ? 0 : 1);
    if (slab) this.#slabs.push(slab);
    return slab;
  }

  *#pieces(): Generator<Uint8Array, void, undefined> {
    for (const [index, slab] of this.#slabs.entries()) yield slab.subarray(0, this.size - index * SLAB_BYTES);
  }
}
