import { randomBytes, randomUUID } from 'node:crypto';
import { type ErrorKind, isRegistryError } from '../../../src/domain/errors.js';
import { at, calm, checks, contents, pieces } from '../../suites/store-rig.js';
import type { Fault, FaultRule, Operation } from '../../support/s3-double/faults.js';
import { BUCKET, doubleRig, PART_BYTES } from './double-rig.js';

const check = checks('s3 upload', () => doubleRig());
const hint = () => ({ worker: 'w1', signal: calm() });

const slow: Fault = { kind: 'refuse', status: 503, code: 'SlowDown' };
const broken: Fault = { kind: 'refuse', status: 500, code: 'InternalError' };
const reset: Fault = { kind: 'reset-request', after: 50_000 };
const lost: Fault = { kind: 'lose-answer' };
const etag: Fault = { kind: 'wrong-etag' };
const alter: Fault = { kind: 'alter' };
const falseSuccess: Fault = { kind: 'error-in-200', code: 'InternalError' };
const denied: Fault = { kind: 'refuse', status: 403, code: 'AccessDenied' };
const full: Fault = { kind: 'refuse', status: 403, code: 'QuotaExceeded' };

/** The store tries three times. */
const passing = (on: Operation, fault: Fault, after = 0): FaultRule => ({ on, fault, times: 2, after });
const lasting = (on: Operation, fault: Fault, after = 0): FaultRule => ({ on, fault, after });

const MANY = 4 * PART_BYTES + 17;
const ONE = 100_000;

const rows: readonly [string, number, FaultRule, 'stored' | ErrorKind][] = [
  ['a burst of 503 to the first question', MANY, passing('HeadObject', slow), 'stored'],
  ['503 to every question', MANY, lasting('HeadObject', slow), 'storage-unavailable'],
  ['a burst of 503 at the beginning', MANY, passing('CreateMultipartUpload', slow), 'stored'],
  ['503 at every beginning', MANY, lasting('CreateMultipartUpload', slow), 'storage-unavailable'],
  ['a beginning whose answer is lost', MANY, passing('CreateMultipartUpload', lost), 'stored'],
  ['beginnings whose answers are all lost', MANY, lasting('CreateMultipartUpload', lost), 'storage-unavailable'],
  ['a burst of 503 to parts', MANY, passing('UploadPart', slow, 1), 'stored'],
  ['503 to every part after the second', MANY, lasting('UploadPart', slow, 2), 'storage-unavailable'],
  ['a connection reset in the middle of a part', MANY, passing('UploadPart', reset, 1), 'stored'],
  ['every connection reset in the middle of a part', MANY, lasting('UploadPart', reset, 1), 'storage-unavailable'],
  ['a part whose answer is lost', MANY, passing('UploadPart', lost, 1), 'stored'],
  ['parts whose answers are all lost', MANY, lasting('UploadPart', lost), 'storage-unavailable'],
  ['a wrong ETag for a part', MANY, passing('UploadPart', etag), 'stored'],
  ['a wrong ETag for every part', MANY, lasting('UploadPart', etag), 'storage-unavailable'],
  ['a part that is kept with other bytes', MANY, passing('UploadPart', alter), 'stored'],
  ['parts that are all kept with other bytes', MANY, lasting('UploadPart', alter), 'storage-unavailable'],
  ['a part that is refused', MANY, lasting('UploadPart', denied, 1), 'storage-denied'],
  ['a part for which there is no room', MANY, lasting('UploadPart', full, 1), 'storage-full'],
  ['a burst of 500 at the end', MANY, passing('CompleteMultipartUpload', broken), 'stored'],
  ['500 at every end', MANY, lasting('CompleteMultipartUpload', broken), 'storage-unavailable'],
  ['an end that is a 200 with an error', MANY, passing('CompleteMultipartUpload', falseSuccess), 'stored'],
  [
    'ends that are all a 200 with an error',
    MANY,
    lasting('CompleteMultipartUpload', falseSuccess),
    'storage-unavailable',
  ],
  ['an end whose answer is lost', MANY, passing('CompleteMultipartUpload', lost), 'stored'],
  ['ends whose answers are all lost', MANY, lasting('CompleteMultipartUpload', lost), 'stored'],
  ['an end that is refused', MANY, lasting('CompleteMultipartUpload', denied), 'storage-denied'],
  ['a burst of 503 to one request', ONE, passing('PutObject', slow), 'stored'],
  ['503 to every request', ONE, lasting('PutObject', slow), 'storage-unavailable'],
  ['a connection reset in the middle of one request', ONE, passing('PutObject', reset), 'stored'],
  ['every connection reset', ONE, lasting('PutObject', reset), 'storage-unavailable'],
  ['one request whose answer is lost', ONE, passing('PutObject', lost), 'stored'],
  ['answers that are all lost', ONE, lasting('PutObject', lost), 'stored'],
  ['a wrong ETag', ONE, passing('PutObject', etag), 'stored'],
  ['always a wrong ETag', ONE, lasting('PutObject', etag), 'storage-unavailable'],
  ['an object that is kept with other bytes', ONE, passing('PutObject', alter), 'stored'],
  ['objects that are all kept with other bytes', ONE, lasting('PutObject', alter), 'storage-unavailable'],
  ['a request that is refused', ONE, lasting('PutObject', denied), 'storage-denied'],
];

for (const [title, size, rule, expected] of rows) {
  check(`${title}: ${expected}`, async (t, { store, double }) => {
    const [key, bytes] = [randomUUID(), randomBytes(size)];
    double.faults.add(rule);
    const put = store.put(key, pieces(bytes, 700_001), hint());
    if (expected === 'stored') {
      t.is((await put).size, size);
    } else {
      const error = await t.throwsAsync(put);
      t.true(isRegistryError(error, expected), error?.message);
      t.notRegex(error?.message ?? '', /secret|images$|127\.0\.0\.1/);
      t.is(double.bucket(BUCKET).objects.size, 0, 'no object');
      double.faults.clear();
      await store.put(key, pieces(bytes, 700_001), hint());
    }
    double.faults.clear();
    t.true(double.bucket(BUCKET).objects.get(key)?.bytes.equals(bytes), 'the very bytes');
    t.true(
      (await contents(await store.open(at(`s3+http://${double.host}/${BUCKET}/${key}`), undefined, calm()))).equals(
        bytes,
      ),
    );
  });
}

check('altered bytes whose answer is lost are not taken for stored', async (t, { store, double }) => {
  double.faults.add({ on: 'PutObject', fault: alter, times: 1 });
  double.faults.add({ on: 'HeadObject', fault: slow, after: 1, times: 1 });
  const bytes = randomBytes(ONE);
  await store.put(randomUUID(), pieces(bytes, ONE), hint());
  t.deepEqual(
    [...double.bucket(BUCKET).objects.values()].map((object) => object.bytes.equals(bytes)),
    [true],
  );
});

check('an outage in the middle ends the upload; the next try succeeds, and cleans up', async (t, { store, double }) => {
  const key = randomUUID();
  const bytes = randomBytes(MANY);
  const source = async function* () {
    yield* pieces(bytes.subarray(0, 2 * PART_BYTES), PART_BYTES);
    await double.quiet();
    await double.halt();
    yield* pieces(bytes.subarray(2 * PART_BYTES), PART_BYTES);
  };
  const error = await t.throwsAsync(store.put(key, source(), hint()));
  t.true(isRegistryError(error, 'storage-unavailable'));
  t.notRegex(error?.message ?? '', /127\.0\.0\.1|ECONN/);
  t.true(isRegistryError(await t.throwsAsync(store.put(key, pieces(bytes, ONE), hint())), 'storage-unavailable'));
  await double.resume();
  await store.put(key, pieces(bytes, PART_BYTES), hint());
  t.true(double.bucket(BUCKET).objects.get(key)?.bytes.equals(bytes));
});
