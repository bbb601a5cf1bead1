import { isRegistryError, RegistryError } from '../../src/domain/errors.js';
import type { Store } from '../../src/domain/ports/store.js';
import type { GuardedFetch } from '../../src/net/guarded-fetch.js';
import { announcedSize, judged, noSuchRange, openedAnswer } from './answers.js';

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
      if (range && (range.start < 0 || range.end < range.start)) throw noSuchRange();
      const etag = location.external?.etag ?? undefined;
      const headers = {
        ...(range ? { range: `bytes=${range.start}-${range.end}` } : {}),
        ...(etag === undefined ? {} : { 'if-match': etag }),
      };
      const answer = await fetch.fetch(location.url, { method: 'GET', headers, signal }).catch(hideHost);
      return judged(answer, { range, etag }, () => openedAnswer(answer, range));
    },
    async size(location) {
      try {
        const answer = await fetch.fetch(location.url, { method: 'HEAD' });
        return judged(answer, {}, () => {
          answer.close();
          return announcedSize(answer);
        });
      } catch (error) {
        throw asBadSource(error);
      }
    },
    async remove() {
      throw new RegistryError('storage-denied', 'Images on web servers cannot be removed from here.');
    },
    async discard() {},
    close: () => fetch.close(),
  };
}

/** Whoever reads an image need not be who named its source, and is not told its host. */
function hideHost(error: unknown): never {
  if (!isRegistryError(error, 'invalid')) throw error;
  throw new RegistryError('invalid', 'The source of the image may not be fetched.', { cause: error });
}

/** A source that cannot be asked for its size is a bad source, not a broken store (image-api-v1 section 1.7, step 9): the cause says which it is. */
function asBadSource(error: unknown): unknown {
  if (!isRegistryError(error, 'storage-unavailable')) return error;
  return new RegistryError('invalid', error.message, { cause: error });
}
