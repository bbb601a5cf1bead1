import type { Readable } from 'node:stream';
import type { GetObjectCommandOutput } from '@aws-sdk/client-s3';
import { RegistryError } from '../../src/domain/errors.js';
import type { ImageId } from '../../src/domain/image.js';
import type { ByteRange, Opened } from '../../src/domain/ports/store.js';
import type { S3Context } from './client.js';
import { asStoreError, FalseAnswer, isPrecondition } from './errors.js';
import { aborting } from './objects.js';
import { backOff, retrying } from './retry.js';

/** What one answer holds: bytes from `start` up to, not including, `end` of an object of `size` bytes. */
interface Answer {
  readonly body: Readable;
  readonly start: number;
  readonly end: number;
  readonly size: number;
  readonly etag: string | undefined;
}

/** Bytes after which a body that was continued counts as well again. */
const PROGRESS = 1024 * 1024;

/** Store.open of the S3 store. A body that breaks off is continued where it stopped, as long as the object is the same. */
export async function openObject(
  context: S3Context,
  key: ImageId,
  range: ByteRange | undefined,
  signal: AbortSignal,
): Promise<Opened> {
  signal.throwIfAborted();
  if (range && (range.start < 0 || range.end < range.start)) {
    throw new RegistryError('range', `The range ${range.start}-${range.end} is none.`);
  }
  const answer = await get(context, key, range, undefined, signal).catch((error: unknown) => {
    signal.throwIfAborted();
    throw asStoreError(error);
  });
  const reading = new Reading(context, key, answer, signal);
  return {
    size: answer.size,
    ...(answer.etag === undefined ? {} : { etag: answer.etag }),
    bytes: reading.bytes(),
    close: async () => reading.close(),
  };
}

async function get(
  { s3, place, retry }: S3Context,
  key: ImageId,
  range: ByteRange | undefined,
  etag: string | undefined,
  signal: AbortSignal,
): Promise<Answer> {
  const request = {
    Bucket: place.bucket,
    Key: key,
    ...(range ? { Range: `bytes=${range.start}-${range.end}` } : {}),
    ...(etag === undefined ? {} : { IfMatch: etag }),
  };
  return retrying(retry, signal, async () => {
    const output = await s3.getObject(request, aborting(signal));
    return understood(output, range);
  });
}

/** Throws FalseAnswer when the answer holds other bytes than it was asked for. */
function understood(output: GetObjectCommandOutput, range: ByteRange | undefined): Answer {
  const { Body: body, ContentLength: length, ContentRange: written, ETag: etag } = output;
  if (!isReadable(body)) throw new FalseAnswer('The image store answered without the bytes of the image.');
  // Nobody reads it yet: an early failure is met when somebody does.
  body.on('error', () => {});
  const [, first, last, total] = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(written ?? '') ?? [];
  const [start, end, size] = range
    ? [Number(first), Number(last) + 1, Number(total)]
    : [0, length ?? Number.NaN, length ?? Number.NaN];
  const right = range ? start === range.start && end === Math.min(range.end + 1, size) : written === undefined;
  if (right && length === end - start) return { body, start, end, size, etag };
  body.destroy();
  throw new FalseAnswer('The image store answered with other bytes than it was asked for.');
}

/** Bytes of one object on their way out. */
class Reading {
  readonly #context: S3Context;
  readonly #key: ImageId;
  readonly #signal: AbortSignal;
  #answer: Answer;
  #closed = false;

  constructor(context: S3Context, key: ImageId, answer: Answer, signal: AbortSignal) {
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
      for (;;) {
        try {
          for await (const chunk of this.#answer.body) {
            this.#signal.throwIfAborted();
            position += chunk.byteLength;
            if (position - resumedAt >= PROGRESS) failed = 0;
            yield chunk;
          }
          this.#signal.throwIfAborted();
          if (position === end) return;
          throw new FalseAnswer('The image store broke off before the end of the image.');
        } catch (error) {
          if (this.#closed) return;
          this.#signal.throwIfAborted();
          await this.#resume(position, end, failed, error);
          failed += 1;
          resumedAt = position;
        }
      }
    } finally {
      this.close();
    }
  }

  close(): void {
    this.#closed = true;
    this.#signal.removeEventListener('abort', this.#drop);
    this.#drop();
  }

  /** Asks for the rest. Throws, as the registry knows it, what makes that hopeless. */
  async #resume(position: number, end: number, failed: number, error: unknown): Promise<void> {
    const { retry } = this.#context;
    const { etag, size } = this.#answer;
    this.#drop();
    if (failed + 1 >= retry.attempts || etag === undefined) throw asStoreError(error);
    await backOff(retry, failed, this.#signal);
    const rest = { start: position, end: end - 1 };
    this.#answer = await get(this.#context, this.#key, rest, etag, this.#signal).catch((failure: unknown) => {
      this.#signal.throwIfAborted();
      if (!isPrecondition(failure)) throw asStoreError(failure);
      throw new RegistryError('storage-unavailable', 'The image changed in its store while it was read.');
    });
    if (this.#answer.size !== size)
      throw asStoreError(new FalseAnswer('The image changed its size while it was read.'));
  }

  readonly #drop = (): void => {
    this.#answer.body.destroy();
  };
}

function isReadable(body: unknown): body is Readable {
  return typeof body === 'object' && body !== null && 'destroy' in body && Symbol.asyncIterator in body;
}
