import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { type PartMemory, PIECE_BYTES } from './part-memory.js';

/** Bytes kept until the service has them, so that they can be sent again. */
export class Part {
  size = 0;
  readonly #memory: PartMemory;
  readonly #kept: Uint8Array[] = [];

  constructor(memory: PartMemory) {
    this.#memory = memory;
  }

  /**
   * Copies as much of the chunk as there is room for, and returns how much that was.
   * `needed`: the caller has nothing else to go on with, so it gets room even when the common memory is used up.
   */
  append(chunk: Uint8Array, needed: boolean): number {
    let taken = 0;
    while (taken < chunk.byteLength) {
      const at = this.size % PIECE_BYTES;
      const room = at === 0 ? this.#grow(needed) : this.#kept.at(-1);
      if (!room) return taken;
      const piece = chunk.subarray(taken, taken + PIECE_BYTES - at);
      room.set(piece, at);
      this.size += piece.byteLength;
      taken += piece.byteLength;
    }
    return taken;
  }

  /** The bytes as a stream; any number of times. A stream, because the SDK would hash anything else before it sends it. */
  body(): Readable {
    return Readable.from(this.#pieces(), { objectMode: false, highWaterMark: PIECE_BYTES });
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
    for (const kept of this.#kept.splice(0)) this.#memory.give(kept);
    this.size = 0;
  }

  #grow(needed: boolean): Uint8Array | undefined {
    const more = this.#memory.take(needed);
    if (more) this.#kept.push(more);
    return more;
  }

  *#pieces(): Generator<Uint8Array, void, undefined> {
    for (const [index, kept] of this.#kept.entries()) yield kept.subarray(0, this.size - index * PIECE_BYTES);
  }
}
