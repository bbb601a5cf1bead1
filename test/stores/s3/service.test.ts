import { randomBytes, randomUUID } from 'node:crypto';
import test from 'ava';
import { isRegistryError } from '../../../src/domain/errors.js';
import type { ImageStanding } from '../../../src/domain/ports/images.js';
import { createS3Store } from '../../../stores/s3/s3-store.js';
import { at, calm, chunks, contents, pieces } from '../../suites/store-rig.js';
import { Bucket } from '../../support/s3-double/bucket.js';
import { BUCKET, doubleRig, optionsFor, PART_BYTES } from './double-rig.js';

const hint = () => ({ worker: 'w1', signal: calm() });

test('wrong credentials are refused, and say nothing of themselves', async (t) => {
  const { double, dispose } = await doubleRig();
  const credentials = { accessKeyId: 'wrong-access', secretAccessKey: 'wrong-secret' };
  const store = await createS3Store(optionsFor(double, { credentials }));
  const location = at(`s3+http://${double.host}/${BUCKET}/${randomUUID()}`);
  for (const act of [
    () => store.put(randomUUID(), chunks(Buffer.from('x')), hint()),
    () => store.open(location, undefined, calm()),
    () => store.size(location),
    () => store.remove(location),
  ]) {
    const error = await t.throwsAsync(act);
    t.true(isRegistryError(error, 'storage-denied'), String(error));
    t.notRegex(error?.message ?? '', /wrong|secret|127/);
  }
  await store.close();
  await dispose();
});

for (const size of [10, 2 * PART_BYTES]) {
  test(`a missing bucket is a clear error, and no longer when it is there: ${size} bytes`, async (t) => {
    const { store, double, dispose, leftovers } = await doubleRig({}, { buckets: [] });
    const put = () => store.put(randomUUID(), pieces(randomBytes(size), size), hint());
    const error = await t.throwsAsync(put);
    t.true(isRegistryError(error, 'storage-unavailable'));
    t.regex(error?.message ?? '', /bucket .*does not exist/);
    t.deepEqual(await store.sweep?.({ standing: async () => new Map(), aliveWorkers: async () => new Set() }), {
      removed: 0,
      unknown: 0,
    });
    await store.discard(randomUUID(), 'w1');
    double.buckets.set(BUCKET, new Bucket());
    t.is((await put()).size, size);
    t.deepEqual(await leftovers(), []);
    await dispose();
  });

  test(`the first upload makes the bucket where the options say so: ${size} bytes`, async (t) => {
    const { store, double, dispose, leftovers } = await doubleRig({ createBucketOnPut: true }, { buckets: [] });
    const puts = [0, 1].map(() => store.put(randomUUID(), pieces(randomBytes(size), size), hint()));
    t.deepEqual(
      (await Promise.all(puts)).map((stored) => stored.size),
      [size, size],
    );
    t.is(double.bucket(BUCKET).objects.size, 2);
    t.deepEqual(await leftovers(), []);
    await dispose();
  });

  test(`of two servers with one key the service lets one win: ${size} bytes`, async (t) => {
    const { store, double, dispose, leftovers } = await doubleRig();
    const other = await createS3Store(optionsFor(double));
    const key = randomUUID();
    const [mine, theirs] = [randomBytes(size), randomBytes(size)];
    const source = async function* () {
      yield mine.subarray(0, size - 1);
      await other.put(key, pieces(theirs, size), hint());
      yield mine.subarray(size - 1);
    };
    t.true(isRegistryError(await t.throwsAsync(store.put(key, source(), hint())), 'duplicate'));
    t.true(double.bucket(BUCKET).objects.get(key)?.bytes.equals(theirs), 'what the other wrote is untouched');
    await other.close();
    t.deepEqual(await leftovers(), []);
    await dispose();
  });

  test(`a service that refuses conditions is asked without: ${size} bytes`, async (t) => {
    const { store, dispose, leftovers } = await doubleRig({}, { conditions: 'not-implemented' });
    const [key, bytes] = [randomUUID(), randomBytes(size)];
    const { url } = await store.put(key, pieces(bytes, size), hint());
    t.true((await contents(await store.open(at(url), undefined, calm()))).equals(bytes));
    t.true(isRegistryError(await t.throwsAsync(store.put(key, pieces(bytes, size), hint())), 'duplicate'));
    t.deepEqual(await leftovers(), []);
    await dispose();
  });
}

test('a sweep goes through all pages, and leaves uploads that are under way or of unknown images', async (t) => {
  const { store, double, dispose } = await doubleRig({}, { page: 2 });
  const bucket = double.bucket(BUCKET);
  const standings: readonly (ImageStanding | undefined)[] = ['stored', 'in-progress', 'empty', undefined];
  const keys: readonly string[] = Array.from({ length: 12 }, () => randomUUID());
  const standingOf = new Map(keys.map((key, index) => [key, standings[index % 4]]));
  for (const key of keys) {
    bucket.begin(key, {});
    bucket.begin(key, {});
    bucket.objects.set(key, { bytes: Buffer.alloc(0), etag: '"x"', metadata: {} });
  }
  for (const foreign of ['README', 'backup/2026', `x${randomUUID()}`]) {
    bucket.begin(foreign, {});
    bucket.objects.set(foreign, { bytes: Buffer.alloc(0), etag: '"x"', metadata: {} });
  }
  const report = await store.sweep?.({
    standing: async (ids) =>
      new Map(
        ids.flatMap((id) => {
          const standing = standingOf.get(id);
          return standing === undefined ? [] : [[id, standing]];
        }),
      ),
    aliveWorkers: async () => new Set(),
  });
  // Two uploads of each of three images that are stored or empty, and the objects of the three empty ones.
  t.deepEqual(report, { removed: 2 * 6 + 3, unknown: 2 * 3 + 3 });
  const left = (standing: ImageStanding | undefined) => keys.filter((key) => standingOf.get(key) === standing);
  const objects = [...bucket.objects.keys()].filter((key) => standingOf.has(key));
  t.deepEqual(objects.sort(), [...left('stored'), ...left('in-progress'), ...left(undefined)].sort());
  const uploads = [...bucket.uploads.values()].map(({ key }) => key).filter((key) => standingOf.has(key));
  t.deepEqual([...new Set(uploads)].sort(), [...left('in-progress'), ...left(undefined)].sort());
  t.is([...bucket.objects.keys()].filter((key) => !standingOf.has(key)).length, 3, 'what is no image is not touched');
  await dispose();
});

test('discard aborts every upload of its image and no other', async (t) => {
  const { store, double, dispose } = await doubleRig({}, { page: 1 });
  const bucket = double.bucket(BUCKET);
  const [key, other] = [randomUUID(), randomUUID()];
  for (const name of [key, key, key, other, `${key}-2`]) bucket.begin(name, {});
  await store.put(other, chunks(Buffer.from('x')), hint());
  await store.discard(key, 'w1');
  t.deepEqual([...bucket.uploads.values()].map((upload) => upload.key).sort(), [other, `${key}-2`].sort());
  t.deepEqual([...bucket.objects.keys()], [other]);
  await dispose();
});

test('no more parts are on their way than the options allow', async (t) => {
  const { store, double, dispose } = await doubleRig({ threads: 2 });
  const bytes = randomBytes(8 * PART_BYTES);
  double.faults.add({ on: 'UploadPart', fault: { kind: 'wait' } });
  const put = store.put(randomUUID(), pieces(bytes, PART_BYTES), hint());
  await double.waiting(2);
  t.is(double.most, 2);
  double.faults.clear();
  double.proceed();
  await put;
  t.is(double.most, 2);
  await dispose();
});
