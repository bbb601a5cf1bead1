import { randomBytes, randomUUID } from 'node:crypto';
import { setImmediate, setTimeout as wait } from 'node:timers/promises';
import test from 'ava';
import { isRegistryError } from '../../../src/domain/errors.js';
import { at, calm, chunks, contents, pieces } from '../../suites/store-rig.js';
import { PART_BYTES, swiftRig } from '../../support/swift/rig.js';

const ONE = { largeObjectBytes: 100_000_000 };
const sized = (size: number) => ({ worker: 'w1', signal: calm(), size });

test('an announced size below the limit is one request, at the limit segments', async (t) => {
  const { double, store, dispose } = await swiftRig();
  for (const [size, objects] of [
    [0, 1],
    [2 * PART_BYTES - 1, 1],
    [2 * PART_BYTES, 3],
    [2 * PART_BYTES + 1, 4],
  ] as const) {
    const key = randomUUID();
    const bytes = randomBytes(size);
    const { url } = await store.put(key, pieces(bytes, 50_000), sized(size));
    t.is(double.objects.names('AUTH_test/glance', key).length, objects, `${size}`);
    t.true((await contents(await store.open(at(url), undefined, calm()))).equals(bytes));
  }
  await dispose();
});

for (const [title, options] of [
  ['one request', ONE],
  ['segments', {}],
] as const) {
  for (const announced of [49_999, 50_001, 500_000]) {
    test(`${title}: 50000 bytes that were announced as ${announced}`, async (t) => {
      const { double, store, dispose } = await swiftRig({ largeObjectBytes: 1000, segmentBytes: 20_000, ...options });
      const key = randomUUID();
      const error = await t.throwsAsync(store.put(key, pieces(randomBytes(50_000), 7000), sized(announced)));
      t.true(isRegistryError(error, 'invalid'), String(error));
      t.deepEqual(double.objects.names('AUTH_test/glance'), []);
      t.is((await store.put(key, chunks(Buffer.from('again')), sized(5))).size, 5);
      t.deepEqual(await double.leftovers(), []);
      await dispose();
    });
  }

  test(`${title}: chunks in memory that is used again`, async (t) => {
    const { store, dispose } = await swiftRig({ ...options, segmentBytes: 1_500_000, largeObjectBytes: 1_000_000_000 });
    const slab = new Uint8Array(new SharedArrayBuffer(1_000_000, { maxByteLength: 1_000_000 }), 0, 1_000_000);
    const sizes = [1_000_000, 1, 999_999, 65_536, 65_535, 16_384, 16_383, 1_000_000, 1_000_000];
    const source = async function* () {
      for (const [index, size] of sizes.entries()) {
        yield slab.subarray(0, size).fill(index + 1);
        slab.fill(0);
        await setImmediate();
      }
    };
    const total = sizes.reduce((sum, size) => sum + size, 0);
    const hint = options === ONE ? sized(total) : { worker: 'w1', signal: calm() };
    const { url } = await store.put(randomUUID(), source(), hint);
    const found = await contents(await store.open(at(url), undefined, calm()));
    t.true(found.equals(Buffer.concat(sizes.map((size, index) => Buffer.alloc(size, index + 1)))));
    await dispose();
  });

  test(`${title}: a source that fails, one that is aborted while it is silent, and a key that is taken`, async (t) => {
    const { double, store, dispose } = await swiftRig(options);
    const key = randomUUID();
    const broken = Object.assign(new Error('broken'), { code: 'ECONNRESET' });
    const failing = async function* () {
      yield randomBytes(200_000);
      throw broken;
    };
    t.is(await t.throwsAsync(store.put(key, failing(), sized(300_000))), broken);
    const controller = new AbortController();
    const silent = async function* () {
      yield randomBytes(200_000);
      controller.abort(new Error('stop'));
      await new Promise(() => {});
    };
    const put = store.put(key, silent(), { ...sized(300_000), signal: controller.signal });
    await t.throwsAsync(put, { message: 'stop' });
    const { url } = await store.put(key, chunks(Buffer.from('first')), sized(5));
    let asked = false;
    const unread = async function* () {
      asked = true;
      yield Buffer.from('other');
    };
    const error = await t.throwsAsync(store.put(key, unread(), sized(5)));
    t.true(isRegistryError(error, 'duplicate'));
    t.false(asked, 'nothing is asked of the source');
    t.is((await contents(await store.open(at(url), undefined, calm()))).toString(), 'first');
    t.deepEqual(await double.leftovers(), []);
    await dispose();
  });
}

test('the end of the source is waited for, though Swift has confirmed all that was announced', async (t) => {
  for (const options of [ONE, {}]) {
    const { double, store, dispose } = await swiftRig(options);
    for (const fails of [false, true]) {
      const key = randomUUID();
      let over = false;
      const source = async function* () {
        yield randomBytes(200_000);
        // All that was announced is stored, in one piece or in segments.
        while (double.objects.names('AUTH_test/glance', key).length < (options === ONE ? 1 : 4)) await wait(1);
        await wait(20);
        over = true;
        if (fails) throw new Error('late');
      };
      const put = store.put(key, source(), sized(200_000));
      if (fails) await t.throwsAsync(put, { message: 'late' });
      else t.is((await put).size, 200_000);
      t.true(over);
      t.is(double.objects.get(`AUTH_test/glance/${key}`) === undefined, fails);
    }
    t.deepEqual(await double.leftovers(), []);
    await dispose();
  }
});

test('a key that another process takes meanwhile', async (t) => {
  for (const largeObjectType of ['slo', 'dlo'] as const) {
    const { double, store, dispose } = await swiftRig({ largeObjectType });
    const key = randomUUID();
    const other = { bytes: Buffer.from('other'), etag: 'x', headers: {} };
    const source = async function* () {
      yield randomBytes(100_000);
      double.objects.set(`AUTH_test/glance/${key}`, other);
      yield randomBytes(100_000);
    };
    const putting = store.put(key, source(), { worker: 'w1', signal: calm() });
    t.true(isRegistryError(await t.throwsAsync(putting), 'duplicate'));
    t.is(double.objects.get(`AUTH_test/glance/${key}`), other);
    t.deepEqual(await double.leftovers(), []);
    await dispose();
  }
});

test('a key that another process takes at the same moment', async (t) => {
  for (const largeObjectType of ['slo', 'dlo'] as const) {
    const { double, store, dispose } = await swiftRig({ largeObjectType });
    const key = randomUUID();
    const other = { bytes: randomBytes(200_000), etag: 'x', headers: {} };
    // Both passed Swift's test; the other one is the later.
    double.stored = (path) => {
      if (path.endsWith(key)) double.objects.set(path, other);
    };
    const putting = store.put(key, chunks(randomBytes(200_000)), { worker: 'w1', signal: calm() });
    t.true(isRegistryError(await t.throwsAsync(putting), 'duplicate'));
    t.is(double.objects.get(`AUTH_test/glance/${key}`), other);
    t.deepEqual(await double.leftovers(), []);
    await dispose();
  }
});

test('segments grow, so that a manifest of few segments holds much', async (t) => {
  const { double, store, dispose } = await swiftRig({ segmentBytes: 1000 });
  double.info = { slo: { max_manifest_segments: 16 } };
  const key = randomUUID();
  const bytes = randomBytes(100_000);
  const { url } = await store.put(key, pieces(bytes, 30_000), { worker: 'w1', signal: calm() });
  const sizes = double.objects
    .names('AUTH_test/glance', `${key}-`)
    .map((name) => double.objects.get(`AUTH_test/glance/${name}`)?.bytes.length);
  t.deepEqual(sizes.slice(0, 6), [1000, 1000, 2000, 2000, 4000, 4000]);
  t.true(sizes.length <= 16);
  t.true((await contents(await store.open(at(url), undefined, calm()))).equals(bytes));
  await dispose();
});

test('a cluster without static large objects gets dynamic ones', async (t) => {
  for (const [info, kind] of [
    [{ slo: {} }, 'segments'],
    [{ swift: {} }, 'prefix'],
  ] as const) {
    const { double, store, dispose } = await swiftRig();
    double.info = info;
    const key = randomUUID();
    await store.put(key, chunks(randomBytes(200_000)), { worker: 'w1', signal: calm() });
    t.not(double.objects.get(`AUTH_test/glance/${key}`)?.[kind], undefined);
    await dispose();
  }
});
