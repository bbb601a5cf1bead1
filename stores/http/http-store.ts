import type { Readable } from 'node:stream';
import { isRegistryError, RegistryError } from '../../src/domain/errors.js';
import type { Location } from '../../src/domain/location.js';
import type { ByteRange, Opened, Store } from '../../src/domain/ports/store.js';
import type { FetchAnswer, GuardedFetch } from '../../src/net/guarded-fetch.js';
import { shownUrl } from '../../src/net/url-rules.js';

/** Images on web servers, read only. Goes out through `fetch` alone, and closes it when it is closed itself. */
export function createHttpStore(fetch: GuardedFetch, id = 'http'): Store {
  return {
    id,
    schemes: ['http', 'https'],
    can: { write: false, range: true, remove: false },
    description: { type: 'http', properties: {} },
    owns: (location) => /^https?:\/\//.test(location.url),
    async put() {
      throw new RegistryError('storage-disabled', 'Error in store configuration. Adding images to store is disabled.');
    },
    async open(location, range, signal) {
      const headers = range ? { range: `bytes=${range.start}-${range.end}` } : {};
      const answer = await fetch.fetch(location.url, { method: 'GET', headers, signal });
      return judged(answer, location, () => opened(answer, range, signal));
    },
    async size(location) {
      const answer = await fetch.fetch(location.url, { method: 'HEAD' }).catch(refuseUnreachable);
      return judged(answer, location, () => {
        drop(answer.body);
        return numberIn(answer.header('content-length'));
      });
    },
    async remove() {
      throw new RegistryError('storage-denied', 'Images on web servers cannot be removed from here.');
    },
    async discard() {},
    close: () => fetch.close(),
  };
}

/** Lets the answers through that `use` understands, and closes the body of every other. */
function judged<T>(answer: FetchAnswer, location: Location, use: () => T): T {
  try {
    const { status } = answer;
    if (status === 404 || status === 410) {
      throw new RegistryError('not-found', 'HTTP datastore could not find image at URI.');
    }
    if (status === 416) throw new RegistryError('range', 'The source does not have the bytes of this range.');
    if (status !== 200 && status !== 206) {
      throw new RegistryError(
        'invalid',
        `HTTP URL ${shownUrl(new URL(location.url))} returned a ${status} status code.`,
      );
    }
    return use();
  } catch (error) {
    drop(answer.body);
    throw error;
  }
}

function opened(answer: FetchAnswer, range: ByteRange | undefined, signal: AbortSignal): Opened {
  const length = numberIn(answer.header('content-length'));
  const bytes = complete(answer.body, length, signal);
  const close = async (): Promise<void> => drop(answer.body);
  if (answer.status === 200) return { bytes: range ? cut(bytes, range) : bytes, size: length, close };
  const [, start, total] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(answer.header('content-range') ?? '') ?? [];
  if (!range || numberIn(start) !== range.start) {
    throw new RegistryError('storage-unavailable', 'The source answered with other bytes than it was asked for.');
  }
  return { bytes, size: numberIn(total), close };
}

/** Fails when fewer bytes come than were announced, and closes the connection however the reading ends. */
async function* complete(
  body: Readable,
  length: number | undefined,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  let seen = 0;
  try {
    for await (const chunk of body) {
      seen += chunk.byteLength;
      yield chunk;
    }
  } catch (error) {
    throw signal.aborted ? signal.reason : brokenOff(error);
  } finally {
    drop(body);
  }
  if (length !== undefined && seen !== length) throw brokenOff(undefined);
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
  if (position <= range.start) throw new RegistryError('range', 'The source does not have the bytes of this range.');
}

/** A source that cannot be asked for its size is a bad source, not a broken store (image-api-v1 section 1.7, step 9). */
function refuseUnreachable(error: unknown): never {
  if (!isRegistryError(error, 'storage-unavailable')) throw error;
  throw new RegistryError('invalid', error.message, { cause: error });
}

function brokenOff(cause: unknown): RegistryError {
  return new RegistryError('storage-unavailable', 'The source broke off before the end of the image.', { cause });
}

function drop(body: Readable): void {
  body.on('error', () => {}).destroy();
}

function numberIn(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}
