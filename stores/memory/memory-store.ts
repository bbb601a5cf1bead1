import { RegistryError } from '../../src/domain/errors.js';
import type { ImageId } from '../../src/domain/image.js';
import type { Location } from '../../src/domain/location.js';
import type { ByteRange, Store } from '../../src/domain/ports/store.js';

/** Images in the memory of this process, gone when it ends; for tests and trials. */
export function createMemoryStore(id = 'memory'): Store {
  const objects = new Map<ImageId, Buffer>();
  const find = (location: Location): { key: ImageId; bytes: Buffer } => {
    const [, key] = /^memory:\/\/([^/]+)$/.exec(location.url) ?? [];
    if (key === undefined) throw new RegistryError('invalid', 'The location is not one of the memory store.');
    const bytes = objects.get(key);
    if (!bytes) throw new RegistryError('not-found', 'The bytes of the image are not in the store.');
    return { key, bytes };
  };
  return {
    id,
    schemes: ['memory'],
    can: { write: true, range: true, remove: true },
    description: { type: 'memory', properties: {} },
    owns: (location) => objects.has(location.url.replace(/^memory:\/\//, '')),
    async put(key, bytes, { signal }) {
      signal.throwIfAborted();
      if (!/^[0-9a-f-]{32,36}$/i.test(key)) throw new RegistryError('invalid', 'An image is stored under a UUID only.');
      const taken = (): RegistryError =>
        new RegistryError('duplicate', `The store already holds bytes of image ${key}.`);
      if (objects.has(key)) throw taken();
      const parts: Buffer[] = [];
      for await (const chunk of bytes) {
        signal.throwIfAborted();
        parts.push(Buffer.from(chunk));
      }
      signal.throwIfAborted();
      if (objects.has(key)) throw taken();
      const whole = Buffer.concat(parts);
      objects.set(key, whole);
      return { url: `memory://${key}`, size: whole.length };
    },
    async open(location, range, signal) {
      signal.throwIfAborted();
      const { bytes } = find(location);
      const part = slice(bytes, range);
      return {
        size: bytes.length,
        bytes: (async function* () {
          signal.throwIfAborted();
          if (part.length > 0) yield part;
        })(),
        async close() {},
      };
    },
    size: async (location) => find(location).bytes.length,
    async remove(location) {
      objects.delete(find(location).key);
    },
    async sweep(guide) {
      const keys = [...objects.keys()];
      const standing = await guide.standing(keys);
      const empty = keys.filter((key) => standing.get(key) === 'empty');
      for (const key of empty) objects.delete(key);
      return { removed: empty.length, unknown: keys.filter((key) => !standing.has(key)).length };
    },
    async discard(key) {
      objects.delete(key);
    },
    async close() {
      objects.clear();
    },
  };
}

function slice(bytes: Buffer, range: ByteRange | undefined): Buffer {
  if (!range) return bytes;
  if (range.start < 0 || range.start >= bytes.length || range.end < range.start) {
    throw new RegistryError('range', `The range ${range.start}-${range.end} is not within ${bytes.length} bytes.`);
  }
  return bytes.subarray(range.start, range.end + 1);
}
