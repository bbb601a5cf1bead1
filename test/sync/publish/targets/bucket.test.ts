import { randomBytes } from 'node:crypto';
import test from 'ava';
import { isRegistryError } from '../../../../src/domain/errors.js';
import { openBucketTarget } from '../../../../src/sync/publish/targets/bucket.js';
import { BUCKET, optionsFor, PART_BYTES } from '../../../stores/s3/double-rig.js';
import { add, bytesOf, calm, data, kept, run, sha256, text } from '../../../suites/repository-target.js';
import type { Operation } from '../../../support/s3-double/faults.js';
import { bucketRig, PREFIX } from './bucket-rig.js';

const WRITES: readonly Operation[] = [
  'PutObject',
  'CopyObject',
  'UploadPart',
  'UploadPartCopy',
  'CompleteMultipartUpload',
  'DeleteObject',
];

const IMMUTABLE = 'public, max-age=31536000, immutable';
const FRESH = 'public, max-age=60, stale-while-revalidate=30, must-revalidate';

test('everything is written in the order in which readers may find it', async (t) => {
  const rig = await bucketRig();
  const target = await rig.open();
  const image = randomBytes(1000);
  await run(target, async () => {
    await add(target, image);
    const files = [
      text('repo.json', '{}', 'info'),
      text('streams/v1/index.json', '{}', 'index'),
      text('streams/v1/all.json', '{}', 'products'),
      text('SHA256SUMS', 'list', 'directory'),
      text('sets/all.SHA256SUMS', 'list', 'set'),
      text('images/a.properties', 'x', 'sidecar', true),
      data('images/a.gz', image),
    ];
    await target.publish(1, files, '', calm());
  });
  rig.double.asked.length = 0;
  await run(target, () => target.publish(2, [text('repo.json', '{ }', 'info')], '', calm()));
  await run(target, () => target.publish(3, [text('repo.json', '{  }', 'info')], '', calm()));
  const removed = rig.double.asked.findLastIndex(({ key }) => key === `${PREFIX}images/a.gz`);
  const written = rig.double.asked.findLastIndex(({ key }) => key === `${PREFIX}repo.json`);
  t.true(removed > written, 'what left goes after the generation is there');
  t.deepEqual([...rig.readers().keys()], ['repo.json']);
  await target.close();
  await rig.dispose();

  const again = await bucketRig();
  const fresh = await again.open();
  await run(fresh, async () => {
    await add(fresh, image);
    again.double.asked.length = 0;
    const shuffled = [
      text('repo.json', '{}', 'info'),
      data('images/a.gz', image),
      text('SHA256SUMS', 'list', 'directory'),
      text('streams/v1/index.json', '{}', 'index'),
      text('images/a.properties', 'x', 'sidecar', true),
      text('streams/v1/all.json', '{}', 'products'),
      text('sets/all.SHA256SUMS', 'list', 'set'),
    ];
    await fresh.publish(1, shuffled, '', calm());
    const order = again.double.asked
      .filter(({ operation, key }) => WRITES.includes(operation) && !key.includes('/.state/'))
      .map(({ key }) => key.slice(PREFIX.length));
    t.deepEqual(order, [
      'images/a.gz',
      'images/a.properties',
      'sets/all.SHA256SUMS',
      'SHA256SUMS',
      'streams/v1/all.json',
      'streams/v1/index.json',
      'repo.json',
    ]);
  });
  await fresh.close();
  await again.dispose();
});

test('objects say what they are and how long they are good for', async (t) => {
  const rig = await bucketRig();
  const target = await rig.open();
  const [small, large] = [randomBytes(1000), randomBytes(2 * PART_BYTES + 5)];
  await run(target, async () => {
    for (const image of [small, large]) await add(target, image);
    const files = [
      data('images/small.gz', small),
      data('images/large.gz', large),
      text('images/a.properties', 'x', 'sidecar', true),
      text('SHA256SUMS', 'x'),
      text('index.html', 'x', 'info'),
      text('feed.xml', 'x', 'info'),
    ];
    await target.publish(1, files, '', calm());
  });
  const { objects } = rig.double.bucket(BUCKET);
  const rows: readonly [string, string, string][] = [
    ['images/small.gz', 'application/octet-stream', IMMUTABLE],
    ['images/large.gz', 'application/octet-stream', IMMUTABLE],
    ['images/a.properties', 'text/plain; charset=utf-8', IMMUTABLE],
    ['SHA256SUMS', 'text/plain; charset=utf-8', FRESH],
    ['index.html', 'text/html; charset=utf-8', FRESH],
    ['feed.xml', 'application/atom+xml; charset=utf-8', FRESH],
  ];
  for (const [path, type, caching] of rows) {
    const { metadata = {} } = objects.get(PREFIX + path) ?? {};
    t.is(metadata['content-type'], type, path);
    t.is(metadata['cache-control'], caching, path);
  }
  t.is(objects.get(`${PREFIX}images/large.gz`)?.metadata['x-amz-meta-sha256'], sha256(large));
  t.deepEqual(await rig.leftovers(), []);
  await target.close();
  await rig.dispose();
});

test('what is there is not sent again, and bytes are sent once', async (t) => {
  const rig = await bucketRig();
  const target = await rig.open();
  const image = randomBytes(100_000);
  const files = [
    data('images/1/a', image),
    text('images/1/a.properties', 'x', 'sidecar', true),
    text('SHA256SUMS', 'x'),
  ];
  await run(target, async () => {
    await add(target, image);
    await target.publish(1, files, '', calm());
  });
  rig.double.asked.length = 0;
  await run(target, () =>
    target.publish(
      2,
      [...files, data('images/2/a', image), text('images/2/a.properties', 'x', 'sidecar', true)],
      '',
      calm(),
    ),
  );
  const written = rig.double.asked
    .filter(({ operation, key }) => WRITES.includes(operation) && !key.includes('/.state/'))
    .map(({ operation, key }) => `${operation} ${key.slice(PREFIX.length)}`);
  t.deepEqual(written, ['CopyObject images/2/a', 'PutObject images/2/a.properties']);
  rig.double.asked.length = 0;
  await run(target, async () => {});
  t.true(rig.double.asked.length < 30, 'a run that changes nothing asks little');
  await target.close();
  await rig.dispose();
});

test('large images are copied in parts, and a copy that fails leaves no part', async (t) => {
  const rig = await bucketRig();
  const target = await rig.publisher('a', [], { copyBytes: PART_BYTES });
  const image = randomBytes(3 * PART_BYTES + 7);
  await run(target, async () => {
    await add(target, image);
    rig.double.faults.add({
      on: 'UploadPartCopy',
      fault: { kind: 'refuse', status: 403, code: 'AccessDenied' },
      after: 2,
    });
    const error = await t.throwsAsync(target.publish(1, [data('images/a', image)], '', calm()));
    t.true(isRegistryError(error, 'storage-denied'));
    t.is(rig.double.bucket(BUCKET).uploads.size, 0);
    rig.double.faults.clear();
    rig.double.faults.add({ on: 'CompleteMultipartUpload', fault: { kind: 'lose-answer' }, times: 1 });
    rig.double.faults.add({ on: 'UploadPartCopy', fault: { kind: 'error-in-200', code: 'InternalError' }, times: 1 });
    await target.publish(1, [data('images/a', image)], '', calm());
  });
  t.is(rig.double.log.filter((operation) => operation === 'CopyObject').length, 0);
  t.true((await bytesOf(await target.read('images/a')))?.equals(image));
  t.deepEqual(await rig.leftovers(), []);
  await target.close();
  await rig.dispose();
});

test('uploads that a dead publisher left open are ended, and those of others are not', async (t) => {
  const rig = await bucketRig();
  const bucket = rig.double.bucket(BUCKET);
  for (const key of ['.pool/blob-1', '.pool/blob-2', 'images/a/b']) bucket.begin(PREFIX + key, {});
  const others = [bucket.begin('public/other', {}), bucket.begin(`${PREFIX}something`, {}), bucket.begin('x', {})];
  bucket.objects.set(`${PREFIX}.pool/blob-3`, { bytes: Buffer.from('x'), etag: '"x"', metadata: {} });
  const target = await rig.open();
  await run(target, async () => {});
  t.deepEqual(
    [...bucket.uploads.keys()],
    others.map(({ id }) => id),
  );
  t.false(bucket.objects.has(`${PREFIX}.pool/blob-3`));
  await target.close();
  await rig.dispose();
});

test('objects that somebody removed or cut come again', async (t) => {
  const rig = await bucketRig();
  const target = await rig.open();
  const image = randomBytes(5000);
  const files = [data('images/a', image), text('images/b', 'b', 'sidecar', true), text('SHA256SUMS', 'x')];
  await run(target, async () => {
    await add(target, image);
    await target.publish(1, files, '', calm());
  });
  const { objects } = rig.double.bucket(BUCKET);
  objects.delete(`${PREFIX}SHA256SUMS`);
  objects.set(`${PREFIX}images/a`, { bytes: image.subarray(1), etag: '"x"', metadata: {} });
  objects.delete(`${PREFIX}images/b`);
  await run(target, async () => {
    t.is(await target.blobSize(sha256(image)), undefined);
    await add(target, image);
    await target.publish(2, [...files, kept('images/gone')], '', calm());
  });
  t.true(rig.readers().get('images/a')?.equals(image));
  t.is(rig.readers().get('images/b')?.toString(), 'b');
  t.is(rig.readers().get('SHA256SUMS')?.toString(), 'x');
  await target.close();
  await rig.dispose();
});

test('a bucket with something else in it is left alone', async (t) => {
  const rig = await bucketRig();
  const { objects } = rig.double.bucket(BUCKET);
  objects.set(`${PREFIX}holiday.jpg`, { bytes: Buffer.from('x'), etag: '"x"', metadata: {} });
  const target = await rig.open();
  const error = await t.throwsAsync(target.lock());
  t.true(isRegistryError(error, 'invalid'));
  t.regex(error?.message ?? '', /s3:\/\/images\/public\/images holds other objects/);
  t.deepEqual([...objects.keys()], [`${PREFIX}holiday.jpg`]);
  await target.close();
  await rig.dispose();
});

test('a repository of another form is not touched', async (t) => {
  const rig = await bucketRig();
  const { objects } = rig.double.bucket(BUCKET);
  objects.set(`${PREFIX}.state/ledger`, { bytes: Buffer.from('{"format":"later:9"}'), etag: '"x"', metadata: {} });
  const target = await rig.open();
  const release = await target.lock();
  t.regex((await t.throwsAsync(target.repair()))?.message ?? '', /form that this program does not know/);
  await release();
  t.deepEqual([...objects.keys()], [`${PREFIX}.state/ledger`]);
  await target.close();
  await rig.dispose();
});

test('failures name the repository and no secret', async (t) => {
  const rig = await bucketRig();
  const open = (more: Parameters<typeof optionsFor>[1]) =>
    openBucketTarget({
      place: {
        name: 's3://images/x',
        prefix: 'x/',
        store: optionsFor(rig.double, { retry: { attempts: 1, firstMs: 0, mostMs: 0 }, ...more }),
      },
      workers: { self: 'a', isGone: () => false },
    });
  const cases: readonly [Parameters<typeof optionsFor>[1], RegExp, Parameters<typeof isRegistryError>[1]][] = [
    [
      { credentials: { accessKeyId: 'wrong-access', secretAccessKey: 'wrong-secret' } },
      /credentials do not open .*s3:\/\/images\/x/,
      'storage-denied',
    ],
    [
      { endpoint: 'http://127.0.0.1:1' },
      /The service of the repository in s3:\/\/images\/x fails/,
      'storage-unavailable',
    ],
    [{ bucket: 'nowhere' }, /There is no bucket .*s3:\/\/images\/x/, 'storage-unavailable'],
  ];
  for (const [more, message, kind] of cases) {
    const target = await open(more);
    const error = await t.throwsAsync(target.lock());
    t.regex(error?.message ?? '', message);
    t.true(isRegistryError(error, kind), String(error));
    t.notRegex(error?.message ?? '', /wrong-|secret/);
    t.notRegex(String(error?.cause), /wrong-/);
    await target.close();
  }
  await rig.dispose();
});
