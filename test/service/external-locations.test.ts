import { createHash } from 'node:crypto';
import test from 'ava';
import { isRegistryError, RegistryError, SourceChanged } from '../../src/domain/errors.js';
import { type ExternalSource, type Location, UNKNOWN_SOURCE } from '../../src/domain/location.js';
import type { LocationCache } from '../../src/domain/ports/location-cache.js';
import type { ByteRange, Store } from '../../src/domain/ports/store.js';
import { createMemoryStore } from '../../stores/memory/memory-store.js';
import { calm, chunks, contents } from '../suites/store-rig.js';
import { READER, type ServicesOptions, services } from '../support/v1-services.js';

const sha256 = (text: string) => ({ algorithm: 'sha256', value: createHash('sha256').update(text).digest('hex') });

/** A store of one object that somebody else may change. */
function origin(state: { bytes: string; asked: (ByteRange | undefined)[] }): Store {
  return {
    ...createMemoryStore('origin'),
    schemes: ['origin'],
    async open(_location, range) {
      state.asked.push(range);
      const all = Buffer.from(state.bytes);
      if (range !== undefined && range.start >= all.length) throw new RegistryError('range', 'outside');
      const part = range === undefined ? all : all.subarray(range.start, range.end + 1);
      return { bytes: chunks(part), size: all.length, close: async () => {} };
    },
  };
}

/** An image of four bytes at an origin that has these now. */
async function rig(bytes: string, known: Partial<ExternalSource>, options: ServicesOptions = {}) {
  const state = { bytes, asked: [] };
  const all = services([createMemoryStore(), origin(state)], options);
  const location: Location = {
    url: 'origin://x',
    metadata: {},
    status: 'active',
    external: { ...UNKNOWN_SOURCE, ...known },
  };
  const image = await all.image({ status: 'active', size: 4, locations: [location] });
  const read = async (range?: ByteRange) => {
    const opened = await all.locations.open(image, range, { signal: calm(), reader: READER });
    return (await contents(opened)).toString();
  };
  return { ...all, state, image, read };
}

test('a range that is the whole image is verified as the whole', async (t) => {
  const { read, state } = await rig('abcd', { size: 4, digest: sha256('abcd') });
  t.is(await read({ start: 0, end: 3 }), 'abcd');
  state.bytes = 'abcx';
  t.true((await t.throwsAsync(read({ start: 0, end: 3 }))) instanceof SourceChanged);
});

test('an origin that has become shorter has changed, whatever it says of ranges', async (t) => {
  const { read } = await rig('ab', { size: 4, digest: sha256('abcd') });
  const error = await t.throwsAsync(read({ start: 2, end: 2 }));
  t.true(isRegistryError(error, 'storage-unavailable'), String(error));
});

test('bytes that nobody can verify yet are not kept', async (t) => {
  const opened: string[] = [];
  const cache: LocationCache = {
    async open(id) {
      opened.push(id);
      return undefined;
    },
    drop: async () => {},
    close: async () => {},
  };
  const unknown = await rig('abcd', { size: 4 }, { cache, standard: 'cache' });
  t.is(await unknown.read(), 'abcd');
  t.deepEqual(opened, []);
  const known = await rig('abcd', { size: 4, digest: sha256('abcd') }, { cache, standard: 'cache' });
  t.is(await known.read(), 'abcd');
  t.deepEqual(opened, [known.image.id]);
});
