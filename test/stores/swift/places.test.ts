import { randomUUID } from 'node:crypto';
import test from 'ava';
import { isRegistryError } from '../../../src/domain/errors.js';
import type { SwiftStoreOptions } from '../../../stores/swift/options.js';
import { containerFor } from '../../../stores/swift/places.js';
import { createSwiftStore } from '../../../stores/swift/swift-store.js';
import { at, calm, chunks, contents } from '../../suites/store-rig.js';
import { swiftOptions, swiftRig } from '../../support/swift/rig.js';

const ID = 'fdae39a1-bac5-4238-aba4-69bcc726e848';
const AUTH = 'https://keys.example.com:5000/v3';
const image = () => chunks(Buffer.from('image'));
const hint = (owner?: string) => ({ worker: 'w1', signal: calm(), ...(owner === undefined ? {} : { owner }) });

for (const [seed, id, expected] of [
  [0, ID, 'glance'],
  [1, ID, 'glance_f'],
  [3, ID, 'glance_fda'],
  [8, ID, 'glance_fdae39a1'],
  [10, ID.toUpperCase(), 'glance_fdae39a1-ba'],
  [10, ID.replaceAll('-', ''), 'glance_fdae39a1ba'],
  [32, ID, `glance_${ID}`],
] as const) {
  test(`a seed of ${seed} puts ${id} into ${expected}`, (t) => {
    t.is(containerFor(id, swiftOptions(AUTH, { seed })), expected);
  });
}

const owned: readonly (readonly [url: string, owned: boolean, changes?: Partial<SwiftStoreOptions>])[] = [
  [`swift+https://keys.example.com:5000/v3/glance/${ID}`, true],
  [`swift+https://service%3Aglance:secret@keys.example.com:5000/v3/glance/${ID}`, true],
  [`swift+https://service:glance:secret@keys.example.com:5000/v2.0/glance/${ID}`, true],
  [`swift://KEYS.example.com:5000/v3/glance/${ID}`, true],
  [`swift+http://keys.example.com:5000/v3/glance/${ID}`, true],
  [`swift+https://keys.example.com:5000/v3/glance_fda/${ID}`, true],
  [`swift+https://keys.example.com:5000/v3/glance_abc/${ID}`, false],
  [`swift+https://keys.example.com:5000/v3/glance_/${ID}`, false],
  [`swift+https://keys.example.com:5000/v3/other/${ID}`, false],
  [`swift+https://keys.example.com/v3/glance/${ID}`, false],
  [`swift+https://elsewhere.example.com:5000/v3/glance/${ID}`, false],
  [`swift+https://keys.example.com:5000@elsewhere.example.com/v3/glance/${ID}`, false],
  [`swift+https://keys.example.com:5000/v3/glance/${ID}-00001`, false],
  [`swift+https://keys.example.com:5000/v3/glance/..`, false],
  [`swift+https://keys.example.com:5000/v3/glance%2Fx/${ID}`, false],
  [`swift+https://keys.example.com:5000/v3/%/${ID}`, false],
  [`swift+https://keys.example.com:5000/v3/glance/${ID}?x=y`, false],
  [`swift+config://ref1/glance/${ID}`, false],
  [`swift+config://ref1/glance/${ID}`, true, { reference: 'ref1' }],
  [`swift+config://ref2/glance/${ID}`, false, { reference: 'ref1' }],
  [`swift+config://ref1/x/glance/${ID}`, false, { reference: 'ref1' }],
  [`swift+https://store.example.com/v1/AUTH_p/glance_${ID}/${ID}`, true, { multiTenant: true }],
  [`swift+https://store.example.com/v1/AUTH_p/glance_${ID}/${randomUUID()}`, false, { multiTenant: true }],
  [`swift+https://store.example.com/v1/AUTH_p/glance/${ID}`, false, { multiTenant: true }],
];
for (const [url, expected, changes = {}] of owned) {
  test(`${expected ? 'owns' : 'does not own'} ${url} ${JSON.stringify(changes)}`, async (t) => {
    const store = await createSwiftStore(swiftOptions(AUTH, changes));
    t.is(store.owns(at(url)), expected);
    if (!expected) t.true(isRegistryError(await t.throwsAsync(store.size(at(url))), 'invalid'));
    await store.close();
  });
}

test('writes the name of the reference, or the address without credentials', async (t) => {
  for (const [changes, scheme, base] of [
    [{}, 'swift+http', 'swift+http://127.0.0.1:PORT/auth/v1.0/glance/'],
    [{ reference: 'ref1' }, 'swift+config', 'swift+config://ref1/glance/'],
    [{ seed: 2 }, 'swift+http', 'swift+http://127.0.0.1:PORT/auth/v1.0/glance_fd/'],
    [{ multiTenant: true }, 'swift+http', `swift+http://127.0.0.1:PORT/v1/AUTH_test/glance_${ID}/`],
  ] as const) {
    const { double, store, dispose } = await swiftRig(changes);
    const { url } = await store.put(ID, image(), hint());
    t.is(url, base.replace('PORT', String(double.port)) + ID);
    t.is(store.schemes[0], scheme);
    t.deepEqual([...store.schemes].sort(), ['swift', 'swift+config', 'swift+http', 'swift+https']);
    t.true(store.owns(at(url)));
    t.is((await contents(await store.open(at(url), undefined, calm()))).toString(), 'image');
    await store.remove(at(url));
    await dispose();
  }
});

test('with a seed, images are swept in every container of the store and in no other', async (t) => {
  const { double, store, dispose } = await swiftRig({ seed: 1 });
  for (const name of ['glance', 'glanceother', 'glance_other-things', 'glance_f']) {
    double.objects.containers.set(`AUTH_test/${name}`, {});
    double.objects.set(`AUTH_test/${name}/${ID}`, { bytes: Buffer.from('x'), etag: 'x', headers: {} });
  }
  const { url } = await store.put(`0${ID.slice(1)}`, image(), hint());
  const report = await store.sweep?.({
    standing: async (ids) => new Map(ids.map((id) => [id, 'empty'] as const)),
    aliveWorkers: async () => new Set(),
  });
  t.deepEqual(report, { removed: 3, unknown: 0 });
  t.true(isRegistryError(await t.throwsAsync(store.size(at(url))), 'not-found'));
  const left = ['glance', 'glanceother', 'glance_other-things', 'glance_f'].map(
    (name) => double.objects.names(`AUTH_test/${name}`).length,
  );
  t.deepEqual(left, [0, 1, 1, 0]);
  await dispose();
});

test('with an account for each project, an image lies in that of its owner', async (t) => {
  const { double, store, dispose } = await swiftRig({ multiTenant: true, adminTenants: ['service', 'audit'] });
  const { url } = await store.put(ID, image(), hint('p1'));
  t.is(url, `swift+http://127.0.0.1:${double.port}/v1/AUTH_p1/glance_${ID}/${ID}`);
  t.is(double.objects.containers.get(`AUTH_p1/glance_${ID}`)?.['x-container-read'], 'service:*,audit:*');
  t.is(await store.size(at(url)), 5);
  t.is((await contents(await store.open(at(url), { start: 1, end: 2 }, calm()))).toString(), 'ma');
  const elsewhere = url.replace(`127.0.0.1:${double.port}`, 'elsewhere.example.com');
  t.true(
    isRegistryError(await t.throwsAsync(store.size(at(elsewhere))), 'invalid'),
    'no token leaves for another host',
  );
  await store.remove(at(url));
  t.false(double.objects.containers.has(`AUTH_p1/glance_${ID}`));
  t.deepEqual(await store.sweep?.({ standing: async () => new Map(), aliveWorkers: async () => new Set() }), {
    removed: 0,
    unknown: 0,
  });
  await dispose();
});

test('a container that is missing and may not be made', async (t) => {
  const { double, store, dispose } = await swiftRig({ createContainer: false });
  const error = await t.throwsAsync(store.put(ID, image(), hint()), { message: /swift_store_create_container_on_put/ });
  t.true(isRegistryError(error, 'storage-unavailable'));
  double.objects.containers.set('AUTH_test/glance', {});
  t.is((await store.put(ID, image(), hint())).size, 5);
  await dispose();
});

test('a temporary URL reads the image until it ends', async (t) => {
  const { double, store, dispose } = await swiftRig({ tempUrlKey: 'mykey' });
  const { url } = await store.put(ID, image(), hint());
  const signed = await store.signedUrl?.(at(url), 60);
  t.true(signed?.startsWith(`${double.url}/v1/AUTH_test/glance/${ID}?temp_url_sig=`));
  t.is(await (await fetch(signed ?? '')).text(), 'image');
  for (const wrong of [signed?.replace(/(sig=)./, '$1x'), await store.signedUrl?.(at(url), -60)]) {
    t.is((await fetch(wrong ?? '')).status, 401);
  }
  await dispose();
  const { store: plain, dispose: end } = await swiftRig();
  t.is(await plain.signedUrl?.(at((await plain.put(ID, image(), hint())).url), 60), undefined);
  await end();
});

test('a container that somebody removed is made again', async (t) => {
  const { double, store, dispose } = await swiftRig();
  await store.remove(at((await store.put(ID, image(), hint())).url));
  double.objects.containers.clear();
  const error = await t.throwsAsync(store.put(ID, image(), hint()), { message: /does not exist/ });
  t.true(isRegistryError(error, 'storage-unavailable'));
  t.is((await store.put(ID, image(), hint())).size, 5);
  await dispose();
});
