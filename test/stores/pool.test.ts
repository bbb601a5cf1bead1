import test from 'ava';
import { isRegistryError } from '../../src/domain/errors.js';
import { createGuardedFetch } from '../../src/net/guarded-fetch.js';
import { DEFAULT_URL_RULES } from '../../src/net/url-rules.js';
import { createHttpStore } from '../../stores/http/http-store.js';
import { openStores } from '../../stores/index.js';
import { createMemoryStore } from '../../stores/memory/memory-store.js';
import { createStorePool } from '../../stores/pool.js';
import { at } from '../suites/store-rig.js';

const fetch = () => createGuardedFetch(DEFAULT_URL_RULES);
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
  const settings = { filesystem: () => ({ datadirs: [] }), fetch };
  await t.throwsAsync(openStores(['memory', 'rbd'], settings), { message: /'rbd'.*file, http, memory/s });
  await t.throwsAsync(openStores(['constructor'], settings), { message: /'constructor'/ });
});

test('stores are opened once each, also by their old names', async (t) => {
  const names = ['glance.store.filesystem.Store', 'file', 'glance.store.http.Store', ' memory '];
  const stores = await openStores(names, { filesystem: () => ({ datadirs: [] }), fetch });
  t.deepEqual(
    stores.map(({ id }) => id),
    ['file', 'http', 'memory'],
  );
});
