import { isRegistryError, RegistryError } from '../../src/domain/errors.js';
import type { ByteRange, Opened } from '../../src/domain/ports/store.js';
import { collectAfter } from '../../src/stream/young-collection.js';
import { unavailable, unexpected } from './errors.js';
import type { Place } from './places.js';
import type { Swift } from './swift.js';
import type { HttpAnswer } from './transport.js';

/** One answer to a read: bytes [start, end) of an object of `size` bytes. */
interface Piece {
  readonly answer: HttpAnswer;
  readonly start: number;
  readonly end: number;
  readonly size: number;
  readonly etag: string | undefined;
}

/** Store.open of the Swift store. */
export async function openImage(
  swift: Swift,
  place: Place,
  range: ByteRange | undefined,
  signal: AbortSignal,
): Promise<Opened> {
  signal.throwIfAborted();
  if (range && (range.start < 0 || range.end < range.start)) {
    throw new RegistryError('range', `The range ${range.start}-${range.end} is not one.`);
  }
  const piece = await ask(swift, place, range, signal);
  const reading = new Reading(swift, place, piece, signal);
  return {
    size: piece.size,
    ...(piece.etag === undefined ? {} : { etag: piece.etag }),
    bytes: reading.bytes(),
    close: async () => reading.close(),
  };
}

/** A read that is taken up where it broke off, as often as the options allow, as long as the object is the same. */
class Reading {
  readonly #swift: Swift;
  readonly #place: Place;
  readonly #signal: AbortSignal;
  readonly #first: Piece;
  #piece: Piece;

  constructor(swift: Swift, place: Place, first: Piece, signal: AbortSignal) {
    this.#swift = swift;
    this.#place = place;
    this.#first = first;
    this.#piece = first;
    this.#signal = signal;
  }

  close(): void {
    this.#piece.answer.body.destroy();
  }

  async *bytes(): AsyncGenerator<Uint8Array, void, undefined> {
    const { end } = this.#first;
    let position = this.#first.start;
    try {
      for (let left = this.#swift.options.resumes; ; left -= 1) {
        let failure: unknown;
        try {
          for await (const chunk of this.#piece.answer.body) {
            this.#signal.throwIfAborted();
            position += chunk.byteLength;
            collectAfter(chunk.byteLength);
            yield chunk;
          }
        } catch (error) {
          failure = error;
        }
        this.#signal.throwIfAborted();
        if (position === end) return;
        if (left <= 0) throw unavailable('The image storage media broke off before the end of the image.', failure);
        await this.#resume(position);
      }
    } finally {
      this.close();
    }
  }

  async #resume(position: number): Promise<void> {
    const { end, etag, size } = this.#first;
    this.close();
    this.#piece = await ask(this.#swift, this.#place, { start: position, end: end - 1 }, this.#signal).catch(
      (error: unknown) => {
        throw isRegistryError(error, 'not-found', 'range') ? changed() : error;
      },
    );
    if (this.#piece.etag !== etag || this.#piece.size !== size || this.#piece.end !== end) throw changed();
  }
}

/** Throws not-found, range, storage-denied, storage-unavailable. */
async function ask(swift: Swift, target: Place, range: ByteRange | undefined, signal: AbortSignal): Promise<Piece> {
  const headers = range ? { range: `bytes=${range.start}-${range.end}` } : {};
  const answer = await swift.client.send({ method: 'GET', target, headers, signal });
  if (answer.status !== (range ? 206 : 200)) {
    await answer.drop();
    // A large object, one of whose segments is missing or another.
    if (answer.status === 409) throw unavailable('The image in the image storage media is incomplete.');
    throw unexpected(answer.status);
  }
  const etag = strong(answer.header('etag'));
  const length = Number(answer.header('content-length') ?? Number.NaN);
  if (!range && Number.isSafeInteger(length)) return { answer, start: 0, end: length, size: length, etag };
  const [, ...numbers] = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(answer.header('content-range') ?? '') ?? [];
  const [start, last, size] = numbers.map(Number);
  if (range && start === range.start && last !== undefined && size !== undefined && last - start + 1 === length) {
    return { answer, start, end: last + 1, size, etag };
  }
  answer.body.destroy();
  throw unavailable('The image storage media answered with other bytes than it was asked for.');
}

/** Swift writes an object's ETag without quotes, a large object's with them. */
function strong(etag: string | undefined): string | undefined {
  if (etag === undefined || etag === '' || etag.startsWith('W/')) return undefined;
  return etag.startsWith('"') ? etag : `"${etag}"`;
}

function changed(): RegistryError {
  return unavailable('The image in the image storage media changed while it was read.');
}
