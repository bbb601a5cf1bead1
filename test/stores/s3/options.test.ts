import test from 'ava';
import { MEBIBYTE, parseS3Options, type S3StoreValues } from '../../../stores/s3/options.js';

const bucket = { s3_store_bucket: 'images' };

test('what is not set has the defaults of Glance', (t) => {
  t.deepEqual(parseS3Options({ ...bucket, s3_store_host: 's3.example.org' }), {
    bucket: 'images',
    endpoint: 'https://s3.example.org',
    region: 'us-east-1',
    createBucketOnPut: false,
    pathStyle: true,
    largeObjectBytes: 100 * MEBIBYTE,
    partBytes: 10 * MEBIBYTE,
    threads: 10,
  });
});

test('without a host it is AWS, whose region may come from the environment', (t) => {
  const { endpoint, region, pathStyle } = parseS3Options(bucket);
  t.deepEqual([endpoint, region, pathStyle], [undefined, undefined, false]);
});

for (const [host, endpoint, region, pathStyle] of [
  ['http://10.0.0.1:9000', 'http://10.0.0.1:9000', 'us-east-1', true],
  ['https://s3.example.org/', 'https://s3.example.org', 'us-east-1', true],
  ['http://[::1]:8080', 'http://[::1]:8080', 'us-east-1', true],
  ['s3.amazonaws.com', 'https://s3.amazonaws.com', 'us-east-1', false],
  ['https://s3.eu-west-1.amazonaws.com', 'https://s3.eu-west-1.amazonaws.com', 'eu-west-1', false],
  ['s3-us-west-2.amazonaws.com', 'https://s3-us-west-2.amazonaws.com', 'us-west-2', false],
  [
    's3.dualstack.ap-southeast-1.amazonaws.com',
    'https://s3.dualstack.ap-southeast-1.amazonaws.com',
    'ap-southeast-1',
    false,
  ],
  ['s3.us-gov-west-1.amazonaws.com', 'https://s3.us-gov-west-1.amazonaws.com', 'us-gov-west-1', false],
] as const) {
  test(`the host ${host}`, (t) => {
    const options = parseS3Options({ ...bucket, s3_store_host: host });
    t.deepEqual([options.endpoint, options.region, options.pathStyle], [endpoint, region, pathStyle]);
  });
}

test('a region and a form of URLs that are set win', (t) => {
  const host = 'https://s3.eu-west-1.amazonaws.com';
  const options = parseS3Options({
    ...bucket,
    s3_store_host: host,
    s3_store_region_name: 'eu-central-1',
    s3_store_bucket_url_format: 'path',
  });
  t.deepEqual([options.region, options.pathStyle], ['eu-central-1', true]);
  t.false(parseS3Options({ ...bucket, s3_store_host: 'x.org', s3_store_bucket_url_format: 'virtual' }).pathStyle);
});

const mistakes: readonly [string, S3StoreValues, RegExp][] = [
  ['no bucket', {}, /s3_store_bucket/],
  ['a bucket with a slash', { s3_store_bucket: 'a/b' }, /s3_store_bucket/],
  ['a host with a path', { ...bucket, s3_store_host: 'https://x.org/path' }, /s3_store_host/],
  ['a host with credentials', { ...bucket, s3_store_host: 'https://key:word@x.org' }, /s3_store_host/],
  ['another scheme', { ...bucket, s3_store_host: 'ftp://x.org' }, /s3_store_host/],
  ['an access key alone', { ...bucket, s3_store_access_key: 'word' }, /s3_store_secret_key/],
  ['a secret key alone', { ...bucket, s3_store_secret_key: 'word' }, /s3_store_access_key/],
  ['parts too small', { ...bucket, s3_store_large_object_chunk_size: 4 }, /s3_store_large_object_chunk_size/],
];
for (const [title, values, message] of mistakes) {
  test(`${title} is named, and no secret with it`, (t) => {
    const error = t.throws(() => parseS3Options(values), { message });
    t.notRegex(error?.message ?? '', /word/);
  });
}
