import { randomUUID } from 'node:crypto';
import test from 'ava';
import { isRegistryError } from '../../../src/domain/errors.js';
import type { SwiftAccess, SwiftStoreOptions } from '../../../stores/swift/options.js';
import { createSwiftStore } from '../../../stores/swift/swift-store.js';
import { at, calm, chunks, contents } from '../../suites/store-rig.js';
import { SwiftDouble } from '../../support/swift/double.js';
import { swiftOptions, swiftRig } from '../../support/swift/rig.js';

const hint = () => ({ worker: 'w1', signal: calm() });
const image = () => chunks(Buffer.from('image'));

const keystone = (double: SwiftDouble, changes: Partial<SwiftAccess> = {}): SwiftAccess => ({
  version: 3,
  address: `${double.url}/v3`,
  user: 'tester',
  key: 'testing',
  project: 'test',
  userDomain: { id: 'default' },
  projectDomain: { id: 'default' },
  ...changes,
});

async function withKeystone(
  changes: Partial<SwiftStoreOptions>,
  body: (store: Awaited<ReturnType<typeof createSwiftStore>>, double: SwiftDouble) => Promise<void>,
): Promise<void> {
  const double = await SwiftDouble.start();
  const store = await createSwiftStore({ ...swiftOptions(double.url), access: keystone(double), ...changes });
  try {
    await body(store, double);
  } finally {
    await store.close();
    await double.stop();
  }
}

for (const [title, changes, account] of [
  ['the first region', {}, 'elsewhere'],
  ['a region', { region: 'south' }, 'test'],
  ['an interface', { endpointInterface: 'internal' }, 'inside'],
  ['an endpoint of its own', { endpoint: 'BASE/v1/AUTH_own' }, 'own'],
] as const) {
  test(`Keystone: the account from ${title}`, async (t) => {
    await withKeystone({}, async (_, double) => {
      const endpoint = 'endpoint' in changes ? { endpoint: changes.endpoint.replace('BASE', double.url) } : {};
      const options = { ...swiftOptions(double.url), access: keystone(double), ...changes, ...endpoint };
      const store = await createSwiftStore(options);
      const { url } = await store.put(randomUUID(), image(), hint());
      t.deepEqual(double.objects.names(`AUTH_${account}`), ['glance']);
      t.true(url.startsWith(`swift+http://127.0.0.1:${double.port}/v3/glance/`));
      t.is((await contents(await store.open(at(url), undefined, calm()))).toString(), 'image');
      await store.close();
    });
  });
}

test('Keystone: a catalog without the store', async (t) => {
  await withKeystone({ region: 'west' }, async (store) => {
    const error = await t.throwsAsync(store.put(randomUUID(), image(), hint()));
    t.true(isRegistryError(error, 'storage-unavailable'));
  });
});

test('one of many requests authenticates', async (t) => {
  const { double, store, dispose } = await swiftRig();
  const key = randomUUID();
  const url = `swift+http://127.0.0.1:${double.port}/auth/v1.0/glance/${key}`;
  const asked = Array.from({ length: 8 }, () => store.size(at(url)));
  t.true((await Promise.allSettled(asked)).every(({ status }) => status === 'rejected'));
  await t.throwsAsync(store.size(at(url)));
  t.is(double.authentications, 1);
  await dispose();
});

test('a token that ends is replaced before it does', async (t) => {
  const { double, store, dispose } = await swiftRig();
  double.tokenLife = 0;
  const { url } = await store.put(randomUUID(), image(), hint());
  const before = double.authentications;
  for (let time = 0; time < 3; time += 1) await store.size(at(url));
  t.is(double.authentications, before + 3);
  await dispose();
});

test('a revoked token is replaced, by uploads too', async (t) => {
  const { double, store, dispose } = await swiftRig();
  const { url } = await store.put(randomUUID(), image(), hint());
  double.revokeTokens();
  t.is(await store.size(at(url)), 5);
  double.revokeTokens();
  t.is((await store.put(randomUUID(), image(), hint())).size, 5);
  double.revokeTokens();
  await store.remove(at(url));
  t.is(double.authentications, 4);
  await dispose();
});

for (const [status, kind] of [
  [401, 'storage-denied'],
  [403, 'storage-denied'],
  [500, 'storage-unavailable'],
  [503, 'storage-unavailable'],
  [404, 'storage-unavailable'],
] as const) {
  for (const version of [1, 3]) {
    test(`authentication v${version} answered with ${status}, then well again`, async (t) => {
      const double = await SwiftDouble.start();
      const plain = swiftOptions(`${double.url}/auth/v1.0`);
      const store = await createSwiftStore(version === 1 ? plain : { ...plain, access: keystone(double) });
      double.authStatus = status;
      const error = await t.throwsAsync(store.put(randomUUID(), image(), hint()));
      t.true(isRegistryError(error, kind), String(error));
      double.authStatus = 200;
      t.is((await store.put(randomUUID(), image(), hint())).size, 5);
      await store.close();
      await double.stop();
    });
  }
}

test('an outage in the middle of an upload and of a download, and the return without a restart', async (t) => {
  const { double, store, dispose } = await swiftRig({ limits: { retryMs: 1 } });
  const whole = Buffer.alloc(5_000_000, 'x');
  const { url } = await store.put(randomUUID(), chunks(whole), hint());
  const opened = await store.open(at(url), undefined, calm());
  const read = async (): Promise<void> => {
    for await (const chunk of opened.bytes) {
      t.true(chunk.byteLength > 0);
      await double.stop();
    }
  };
  t.true(isRegistryError(await t.throwsAsync(read), 'storage-unavailable'));
  for (const act of [() => store.size(at(url)), () => store.put(randomUUID(), image(), hint())]) {
    t.true(isRegistryError(await t.throwsAsync(act), 'storage-unavailable'));
  }
  await double.restart();
  const key = randomUUID();
  const stopping = async function* () {
    yield whole;
    await double.stop();
    yield whole;
  };
  t.true(isRegistryError(await t.throwsAsync(store.put(key, stopping(), hint())), 'storage-unavailable'));
  await double.restart();
  await store.discard(key, 'w1');
  t.is((await store.put(key, chunks(whole), hint())).size, whole.length);
  t.true((await contents(await store.open(at(url), undefined, calm()))).equals(whole));
  t.deepEqual(await double.leftovers(), []);
  await dispose();
});
