import { RegistryError } from '../../src/domain/errors.js';
import type { ByteRange, Opened } from '../../src/domain/ports/store.js';
import type { S3Context } from './client.js';
import { asStoreError, FalseAnswer, isPrecondition } from './errors.js';
import { type Answer, getObject, release } from './get.js';
import { backOff, retrying } from './retry.js';

/** Bytes after which a body that was continued counts as well again. */
const PROGRESS = 1024 * 1024;

/** Store.open of the S3 store. A body that breaks off is continued where it stopped, as long as the object is the same. */
export async function openObject(
  context: S3Context,
  key: string,
  range: ByteRange | undefined,
  signal: AbortSignal,
): Promise<Opened> {
  signal.throwIfAborted();
  if (range && (range.start < 0 || range.end < range.start)) {
    throw new RegistryError('range', `The range ${range.start}-${range.end} is none.`);
  }
  const answer = await retrying(context.retry, signal, () => getObject(context, key, range, undefined, signal)).catch(
    (error: unknown) => {
      signal.throwIfAborted();
      throw asStoreError(error);
    },
  );
  const reading = new Reading(context, key, answer, signal);
  return {
    size: answer.size,
    ...(answer.etag === undefined ? {} : { etag: answer.etag }),
    bytes: reading.bytes(),
    close: async () => reading.close(),
  };
}

/** Bytes of one object on their way out. */
class Reading {
  readonly #context: S3Context;
  readonly #key: string;
  readonly #signal: AbortSignal;
  #answer: Answer;
  #closed = false;

  constructor(context: S3Context, key: string, answer: Answer, signal: AbortSignal) {
    this.#context = context;
    this.#key = key;
    this.#answer = answer;
    this.#signal = signal;
    signal.addEventListener('abort', this.#drop, { once: true });
  }

  async *bytes(): AsyncGenerator<Uint8Array, void, undefined> {
    const { end } = this.#answer;
    let position = this.#answer.start;
    let failed = 0;
    let resumedAt = position;
    try {
      while (position < end) {
        const piece = await this.#piece(end - position);
        if (this.#closed) return;
        if (piece instanceof Uint8Array) {
          position += piece.byteLength;
          yield piece;
          continue;
        }
        if (position - resumedAt >= PROGRESS) failed = 0;
        await this.#resume(position, end, failed, piece);
        failed += 1;
        resumedAt = position;
      }
      this.#signal.throwIfAborted();
    } finally {
      this.close();
    }
  }

  close(): void {
    this.#closed = true;
    this.#signal.removeEventListener('abort', this.#drop);
    this.#drop();
  }

  /** The next bytes, no more than `most`, or the error that is in their place. */
  async #piece(most: number): Promise<Uint8Array | Error> {
    this.#signal.throwIfAborted();
    try {
      const piece = await this.#answer.connection.read();
      this.#signal.throwIfAborted();
      return piece?.subarray(0, most) ?? new FalseAnswer('The image store broke off before the end of the image.');
    } catch (error) {
      this.#signal.throwIfAborted();
      return error instanceof Error ? error : new Error(String(error));
    }
  }

  /** Asks for the rest. Throws, as the registry knows it, what makes that hopeless. */
  async #resume(position: number, end: number, failed: number, error: Error): Promise<void> {
    const { retry } = this.#context;
    const { etag, size } = this.#answer;
    this.#drop();
    if (failed + 1 >= retry.attempts || etag === undefined) throw asStoreError(error);
    await backOff(retry, failed, this.#signal);
    const rest = { start: position, end: end - 1 };
    this.#answer = await retrying(retry, this.#signal, () =>
      getObject(this.#context, this.#key, rest, etag, this.#signal),
    ).catch((failure: unknown) => {
      this.#signal.throwIfAborted();
      throw isPrecondition(failure) ? changed() : asStoreError(failure);
    });
    if (this.#answer.size !== size) throw changed();
  }

  readonly #drop = (): void => {
    release(this.#context, this.#answer.connection);
  };
}

function changed(): RegistryError {
  return new RegistryError('storage-unavailable', 'The image changed in its store while it was read.');
}
