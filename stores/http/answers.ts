import { RegistryError, SourceChanged } from '../../src/domain/errors.js';
import type { ByteRange, Opened } from '../../src/domain/ports/store.js';
import type { FetchAnswer } from '../../src/net/guarded-fetch.js';

/** Media types that no image has: error and login pages that say 200, and several ranges in one body. */
const OTHER_TYPES = ['text/html', 'application/xhtml+xml', 'multipart/byteranges'];

/** What was asked for: a part of the bytes, the bytes under one validator. */
export interface Asked {
  readonly range?: ByteRange | undefined;
  readonly etag?: string | undefined;
}

/** Lets the answers through that `use` understands, and closes every other. Throws not-found, range, storage-unavailable, SourceChanged. */
export function judged<T>(answer: FetchAnswer, { range, etag: expected }: Asked, use: () => T): T {
  try {
    refuseStatus(answer.status, { range, etag: expected });
    refuseContent(answer);
    const etag = strongEtag(answer);
    // Not every server knows If-Match; and one that does not name the bytes any more cannot show that they are the same.
    if (expected !== undefined && etag !== expected) throw new SourceChanged();
    return use();
  } catch (error) {
    answer.close();
    throw error;
  }
}

/** The bytes that were asked for out of an answer that has them. Throws range, storage-unavailable. */
export function openedAnswer(answer: FetchAnswer, range: ByteRange | undefined): Opened {
  const etag = strongEtag(answer);
  const rest = { ...(etag === undefined ? {} : { etag }), close: async () => answer.close() };
  if (answer.status === 206 && range) {
    const { count, size } = rangeOf(answer, range);
    return { bytes: exactly(answer.body, count), size, ...rest };
  }
  const size = announcedSize(answer);
  if (range === undefined) return { bytes: answer.body, size, ...rest };
  if (size !== undefined && range.start >= size) throw noSuchRange();
  return { bytes: cut(answer.body, range), size, ...rest };
}

export function announcedSize(answer: FetchAnswer): number | undefined {
  const text = answer.header('content-length');
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

export function noSuchRange(): RegistryError {
  return new RegistryError('range', 'The source does not have the bytes of this range.');
}

/** One text for whatever a server says but that there is nothing: a status that is passed on tells who listens where (image-api-v2 section 7, fetch rule 7). */
function refuseStatus(status: number, { range, etag }: Asked): void {
  if (status === 404 || status === 410) {
    throw new RegistryError('not-found', 'HTTP datastore could not find image at URI.');
  }
  if (status === 412 && etag !== undefined) throw new SourceChanged();
  if (status === 416 && range !== undefined) throw noSuchRange();
  if (status !== 200 && !(status === 206 && range !== undefined)) throw unreadable(`it answered with status ${status}`);
}

/**
 * Holds an answer to what an image can be. Its type says little, since servers guess it by the name of a file, and Glance asks for nothing;
 * but a page or compressed bytes are never the image, and would only be noticed by the machine that boots it.
 */
function refuseContent(answer: FetchAnswer): void {
  const encoding = answer.header('content-encoding')?.trim().toLowerCase() || 'identity';
  const type = answer.header('content-type')?.split(';')[0]?.trim().toLowerCase() ?? '';
  if (encoding !== 'identity' || OTHER_TYPES.includes(type)) {
    throw new RegistryError('storage-unavailable', 'The source answers with something else than an image.');
  }
}

/** How many bytes a partial answer has, and the whole object. Throws when they are not the bytes of the range. */
function rangeOf(answer: FetchAnswer, range: ByteRange): { count: number; size: number | undefined } {
  const [, first, last, whole] =
    /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15}|\*)$/i.exec(answer.header('content-range') ?? '') ?? [];
  const [start, end] = [Number(first), Number(last)];
  const size = whole === undefined || whole === '*' ? undefined : Number(whole);
  const wanted = Math.min(range.end, size === undefined ? end : size - 1);
  const count = end - start + 1;
  if (start !== range.start || end !== wanted || (announcedSize(answer) ?? count) !== count) {
    throw unreadable('it answered with other bytes than it was asked for');
  }
  return { count, size };
}

async function* exactly(bytes: AsyncIterable<Uint8Array>, count: number): AsyncGenerator<Uint8Array, void, undefined> {
  let seen = 0;
  for await (const chunk of bytes) {
    seen += chunk.byteLength;
    if (seen > count) break;
    yield chunk;
  }
  if (seen !== count) throw unreadable('it sent more or fewer bytes than it said');
}

/** The bytes of a range out of a whole object, for servers that do not know ranges. */
async function* cut(bytes: AsyncIterable<Uint8Array>, range: ByteRange): AsyncGenerator<Uint8Array, void, undefined> {
  let position = 0;
  for await (const chunk of bytes) {
    const part = chunk.subarray(Math.max(0, range.start - position), Math.max(0, range.end + 1 - position));
    position += chunk.byteLength;
    if (part.byteLength > 0) yield part;
    if (position > range.end) return;
  }
  if (position <= range.start) throw noSuchRange();
}

/** A validator that stands for the very bytes (RFC 9110 section 8.8.3). */
function strongEtag(answer: FetchAnswer): string | undefined {
  const etag = answer.header('etag')?.trim();
  return etag !== undefined && /^"[\x21\x23-\x7e\x80-\xff]*"$/.test(etag) ? etag : undefined;
}

/** `why` is for the log alone. */
function unreadable(why: string): RegistryError {
  return new RegistryError('storage-unavailable', 'The source cannot be read.', { cause: new Error(why) });
}
