import { randomUUID } from 'node:crypto';
import test from 'ava';
import { isRegistryError } from '../../src/domain/errors.js';
import { createInlineHasher } from '../../src/hashing/hasher.js';
import { createGuardedFetch } from '../../src/net/guarded-fetch.js';
import { DEFAULT_URL_RULES } from '../../src/net/url-rules.js';
import { createHttpStore } from '../../stores/http/http-store.js';
import { namedStores, openStores } from '../../stores/index.js';
import { createMemoryStore } from '../../stores/memory/memory-store.js';
import { createStorePool } from '../../stores/pool.js';
import { at, calm, chunks } from '../suites/store-rig.js';

const fetch = () => createGuardedFetch(DEFAULT_URL_RULES);
/** Options are only asked of stores that are opened. */
const unused = (): never => {
  throw new Error('this store was not asked for');
};
const settings = {
  hasher: createInlineHasher(),
  filesystem: () => ({ datadirs: [] }),
  fetch,
  s3: unused,
  swift: unused,
};
const pool = () =>
  createStorePool([createMemoryStore('fast'), createMemoryStore('slow'), createHttpStore(fetch())], 'slow');

test('writes go to the default store, or to the one named by id or scheme', (t) => {
  const { forWriting } = pool();
  t.is(forWriting().id, 'slow');
  t.is(forWriting('fast').id, 'fast');
  t.is(forWriting('memory').id, 'fast');
  t.is(forWriting('https').id, 'http');
});

for (const name of ['', 'MEMORY', 'bogus', '__proto__']) {
  test(`no store is called ${JSON.stringify(name)}`, (t) => {
    const error = t.throws(() => pool().forWriting(name), { message: `Store for scheme ${name} not found` });
    t.true(isRegistryError(error, 'invalid'));
  });
}

test('a location is served by the store that it names, else by its scheme', (t) => {
  const { forLocation, schemes } = pool();
  t.is(forLocation(at('memory://x')).id, 'fast');
  t.is(forLocation({ ...at('memory://x'), metadata: { store: 'slow' } }).id, 'slow');
  t.is(forLocation({ ...at('memory://x'), metadata: { store: 'gone' } }).id, 'fast');
  t.is(forLocation({ ...at('https://x/y'), metadata: { store: 'slow' } }).id, 'http');
  for (const url of ['HTTP://x/y', 'rbd://x', 'nonsense']) {
    t.true(
      isRegistryError(
        t.throws(() => forLocation(at(url))),
        'invalid',
      ),
      url,
    );
  }
  t.deepEqual([...schemes], ['memory', 'http', 'https']);
});

test('mistakes in the configuration are named', async (t) => {
  t.throws(() => createStorePool([createMemoryStore()], 'file'), { message: /default_store.*'file'/ });
  t.throws(() => createStorePool([createMemoryStore(), createMemoryStore()], 'memory'), { message: /same id/ });
  const open = (...names: string[]) => openStores(namedStores(names, settings));
  await t.throwsAsync(open('memory', 'rbd'), { message: /'rbd'.*file, http, s3, swift, memory/s });
  await t.throwsAsync(open('constructor'), { message: /'constructor'/ });
});

test('stores are opened once each, also by their old names', async (t) => {
  const names = ['glance.store.filesystem.Store', 'file', 'glance.store.http.Store', ' memory '];
  const stores = await openStores(namedStores(names, settings));
  t.deepEqual(
    stores.map(({ id }) => id),
    ['file', 'http', 'memory'],
  );
});

test('among several stores only ids are names, the heaviest is read first, and places tell whose a location is', async (t) => {
  const [light, heavy] = [createMemoryStore('light'), createMemoryStore('heavy')];
  const profiles = new Map([
    ['light', { description: null, weight: 0 }],
    ['heavy', { description: 'solid', weight: 5 }],
  ]);
  const several = createStorePool([light, heavy], 'light', profiles);
  t.throws(() => several.forWriting('memory'), { message: 'Store for identifier memory not found' });
  t.deepEqual(
    several.offers.map(({ store, isDefault, weight, description }) => [store.id, isDefault, weight, description]),
    [
      ['light', true, 0, null],
      ['heavy', false, 5, 'solid'],
    ],
  );
  const { url } = await heavy.put(randomUUID(), chunks(Buffer.from('x')), { worker: 'w', signal: calm() });
  t.is(several.idOf(at(url)), 'heavy');
  t.is(several.idOf({ ...at(url), metadata: { store: 'light' } }), 'heavy', 'a place is believed before its metadata');
  t.is(several.idOf(at('memory://elsewhere')), 'light');
  t.is(several.idOf(at('rbd://x')), undefined);
  const places = [at('memory://a'), at('memory://b'), at(url)];
  t.deepEqual(several.inOrder(places), [at(url), at('memory://a'), at('memory://b')]);
  t.throws(() => createStorePool([light], 'memory', profiles), { message: /default_backend.*'memory'/ });
});
