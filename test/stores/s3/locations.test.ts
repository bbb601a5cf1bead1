import { randomUUID } from 'node:crypto';
import test from 'ava';
import { isRegistryError } from '../../../src/domain/errors.js';
import { createS3Store } from '../../../stores/s3/s3-store.js';
import { at, calm, chunks, contents } from '../../suites/store-rig.js';
import { ACCESS_KEY, SECRET_KEY } from '../../support/s3-double/s3-double.js';
import { BUCKET, doubleRig, optionsFor } from './double-rig.js';

const hint = () => ({ worker: 'w1', signal: calm() });

test('locations have no credentials; those that older servers wrote are read without theirs', async (t) => {
  const { store, double, dispose } = await doubleRig();
  const [key, { host }] = [randomUUID(), double];
  const { url } = await store.put(key, chunks(Buffer.from('bytes')), hint());
  t.is(url, `s3+http://${host}/${BUCKET}/${key}`);
  t.deepEqual(store.schemes, ['s3+http', 's3+https', 's3']);
  for (const own of [
    url,
    `s3://${host}/${BUCKET}/${key}`,
    `s3+https://${host}/${BUCKET}/${key}`,
    `s3://access:secret@${host}/${BUCKET}/${key}`,
    `s3+http://access:sec/ret+with/sla%shes==@${host}/${BUCKET}/${key}`,
    `s3://access:se@cret@${host}/${BUCKET}/${key}`,
    `s3://access:secret@http://${host}/${BUCKET}/${key}`,
  ]) {
    t.true(store.owns(at(own)), own);
    t.is((await contents(await store.open(at(own), undefined, calm()))).toString(), 'bytes', own);
    t.is(await store.size(at(own)), 5);
  }
  for (const foreign of [
    `s3+http://${host}/other/${key}`,
    `s3+http://other.org/${BUCKET}/${key}`,
    `s3+http://${host}/${BUCKET}/${key}/more`,
    `s3+http://${host}/${BUCKET}/not-an-image`,
    `s3+http://${host}/${BUCKET}/`,
    `http://${host}/${BUCKET}/${key}`,
  ]) {
    t.false(store.owns(at(foreign)), foreign);
    for (const act of [() => store.open(at(foreign), undefined, calm()), () => store.remove(at(foreign))]) {
      t.true(isRegistryError(await t.throwsAsync(act), 'invalid'), foreign);
    }
  }
  await dispose();
});

test('with TLS the secure scheme is written; without a host the one of the region is', async (t) => {
  const options = { region: 'eu-west-1', bucket: BUCKET, createBucketOnPut: false, pathStyle: false };
  const sizes = { largeObjectBytes: 100 * 1024 ** 2, partBytes: 10 * 1024 ** 2, threads: 4 };
  const store = await createS3Store({ ...options, ...sizes });
  const key = randomUUID();
  t.is(store.schemes[0], 's3+https');
  t.true(store.owns(at(`s3+https://s3.eu-west-1.amazonaws.com/${BUCKET}/${key}`)));
  t.true(store.owns(at(`s3://access:secret@s3.amazonaws.com/${BUCKET}/${key}`)), 'buckets of AWS have one name space');
  t.false(store.owns(at(`s3+https://s3.eu-west-1.amazonaws.com.example.org/${BUCKET}/${key}`)));
  t.deepEqual(store.description, {
    type: 's3',
    properties: { s3_store_large_object_size: 100, s3_store_large_object_chunk_size: 10, s3_store_thread_pools: 4 },
  });
  await store.close();
});

test('a signed URL reads the object without more, for as long as it says', async (t) => {
  const { store, double, dispose } = await doubleRig();
  const { url } = await store.put(randomUUID(), chunks(Buffer.from('bytes')), hint());
  const signed = await store.signedUrl?.(at(url), 90.7);
  t.truthy(signed);
  const answer = await fetch(signed ?? '');
  t.is(await answer.text(), 'bytes');
  t.is(new URL(signed ?? '').searchParams.get('X-Amz-Expires'), '90');
  t.true(signed?.includes(ACCESS_KEY));
  t.false(decodeURIComponent(signed ?? '').includes(SECRET_KEY));
  const long = await store.signedUrl?.(at(url), 10 ** 9);
  t.is(new URL(long ?? '').searchParams.get('X-Amz-Expires'), '604800');
  const error = await t.throwsAsync(async () => store.signedUrl?.(at(`s3://${double.host}/other/x`), 1));
  t.true(isRegistryError(error, 'invalid'));
  await dispose();
});

test('the bucket is in the host where URLs are virtual', async (t) => {
  const { double, dispose } = await doubleRig();
  const store = await createS3Store(optionsFor(double, { endpoint: 'http://s3.example.org:81', pathStyle: false }));
  const key = randomUUID();
  const url = `s3+http://s3.example.org:81/${BUCKET}/${key}`;
  t.true((await store.signedUrl?.(at(url), 60))?.startsWith(`http://${BUCKET}.s3.example.org:81/${key}?`));
  await store.close();
  await dispose();
});
