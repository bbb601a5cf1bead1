import { UploadMismatch } from '../../src/domain/errors.js';

const NOTHING = new Uint8Array(0);

/** Cuts the bytes of an upload into the bodies of several requests, keeping no more than the chunk at hand. */
export class Source {
  /** Bytes handed out. */
  size = 0;
  /** What the source itself failed with, or the upload was aborted with: tells it from a failure of the store. */
  failure: { readonly error: unknown } | undefined;
  readonly #iterator: AsyncIterator<Uint8Array>;
  readonly #announced: number | undefined;
  readonly #signal: AbortSignal;
  #chunk: Uint8Array = NOTHING;
  #over = false;
  #asking = false;

  /** Bytes fail with an UploadMismatch when they are more or fewer than `announced`. */
  constructor(bytes: AsyncIterable<Uint8Array>, announced: number | undefined, signal: AbortSignal) {
    this.#iterator = bytes[Symbol.asyncIterator]();
    this.#announced = announced;
    this.#signal = signal;
  }

  /** Bytes still to come, where their number was announced. */
  get left(): number | undefined {
    return this.#announced === undefined ? undefined : this.#announced - this.size;
  }

  /** Whether all bytes are handed out; waits for the next one to know. Throws the source's error, the signal's reason. */
  async ended(): Promise<boolean> {
    try {
      while (this.#chunk.byteLength === 0 && !this.#over) await this.#next();
      this.#signal.throwIfAborted();
      const end = this.#over && this.#chunk.byteLength === 0;
      if (this.left !== undefined && (end ? this.left > 0 : this.left <= 0)) {
        throw new UploadMismatch('size', this.#announced ?? 0, this.size + this.#chunk.byteLength);
      }
      return end;
    } catch (error) {
      this.failure ??= { error };
      throw error;
    }
  }

  /**
   * The next bytes, at most so many, and no more than were announced: what follows those is for `ended` to see.
   * Each piece is valid only until the next is asked for.
   */
  async *take(most: number): AsyncGenerator<Uint8Array, void, undefined> {
    const limit = Math.min(most, this.left ?? Number.POSITIVE_INFINITY);
    for (let taken = 0; taken < limit && !(await this.ended()); ) {
      const piece = this.#chunk.subarray(0, limit - taken);
      this.#chunk = this.#chunk.subarray(piece.byteLength);
      this.size += piece.byteLength;
      taken += piece.byteLength;
      yield piece;
    }
  }

  /** Lets the source go. Not waited for while it owes a chunk: it may be silent for long. */
  async close(): Promise<void> {
    const returned = this.#over ? undefined : this.#iterator.return?.();
    if (this.#asking) returned?.catch(() => {});
    else await returned;
  }

  async #next(): Promise<void> {
    this.#signal.throwIfAborted();
    this.#asking = true;
    try {
      const { done, value } = await this.#iterator.next();
      if (done) this.#over = true;
      else this.#chunk = value;
    } catch (error) {
      this.#over = true;
      throw error;
    } finally {
      this.#asking = false;
    }
  }
}
