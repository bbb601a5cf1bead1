import test from 'ava';
import { isBucketUrl, parseBucketPlace } from '../../../../src/sync/publish/targets/bucket-place.js';
import { SyncError } from '../../../../src/sync/sync-error.js';

const AWS = { AWS_REGION: 'eu-central-1' };

test('bucket and prefix', (t) => {
  const rows: readonly [string, string, string, string][] = [
    ['s3://images', 'images', '', 's3://images'],
    ['s3://images/', 'images', '', 's3://images'],
    ['S3://images/a/b/', 'images', 'a/b/', 's3://images/a/b'],
    [' s3://my.images//a ', 'my.images', 'a/', 's3://my.images/a'],
  ];
  for (const [text, bucket, prefix, name] of rows) {
    const place = parseBucketPlace(text, {}, AWS);
    t.is(place.store.bucket, bucket, text);
    t.is(place.prefix, prefix, text);
    t.is(place.name, name, text);
  }
});

test('what is no bucket, or no safe prefix, is refused', (t) => {
  for (const text of [
    's3:',
    's3://',
    's3:///a',
    's3:images',
    's3://key:secret@images/a',
    's3://images?x',
    's3://x',
    's3://images/../a',
    's3://images/a/./b',
    's3://images/.pool',
    's3://images/a/.b',
    's3://images/a//b',
    's3://images/a\\b',
    's3://images/\u0000',
  ]) {
    const error = t.throws(() => parseBucketPlace(text, {}, AWS), { instanceOf: SyncError }, text);
    t.notRegex(error?.message ?? '', /secret/);
  }
  t.true(isBucketUrl('s3://x') && isBucketUrl('S3:x'));
  t.false(isBucketUrl('/srv/s3:/x'));
});

test('the configuration says where the service is, else the environment', (t) => {
  const env = {
    AWS_ENDPOINT_URL: 'https://all.example',
    AWS_ENDPOINT_URL_S3: 'https://s3.example:9000',
    AWS_REGION: 'here-1',
    AWS_CA_BUNDLE: '/etc/ca.pem',
  };
  const fromEnv = parseBucketPlace('s3://images', {}, env).store;
  t.is(fromEnv.endpoint, 'https://s3.example:9000');
  t.is(fromEnv.region, 'here-1');
  t.is(fromEnv.caFile, '/etc/ca.pem');
  t.true(fromEnv.pathStyle);
  t.is(fromEnv.credentials, undefined, 'the library has its own chain');
  const configured = parseBucketPlace(
    's3://images',
    {
      s3_store_host: 'http://own.example',
      s3_store_region_name: 'own-1',
      s3_store_bucket: 'store',
      s3_store_access_key: 'a',
      s3_store_secret_key: 'b',
    },
    env,
  ).store;
  t.is(configured.endpoint, 'http://own.example');
  t.is(configured.region, 'own-1');
  t.is(configured.bucket, 'images', 'not the bucket of the store');
  t.deepEqual(configured.credentials, { accessKeyId: 'a', secretAccessKey: 'b' });
  const aws = parseBucketPlace('s3://images', {}, { AWS_DEFAULT_REGION: 'eu-west-1' }).store;
  t.is(aws.endpoint, undefined);
  t.is(aws.region, 'eu-west-1');
});
