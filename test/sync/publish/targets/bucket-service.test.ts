import { randomBytes, randomUUID } from 'node:crypto';
import { S3 } from '@aws-sdk/client-s3';
import test from 'ava';
import { openBucketTarget } from '../../../../src/sync/publish/targets/bucket.js';
import { parseBucketPlace } from '../../../../src/sync/publish/targets/bucket-place.js';
import {
  add,
  bytesOf,
  calm,
  data,
  repositoryTargetSuite,
  run,
  sha256,
  text,
} from '../../../suites/repository-target.js';

const { TEST_S3_URL: endpoint, TEST_S3_ACCESS_KEY: accessKeyId, TEST_S3_SECRET_KEY: secretAccessKey } = process.env;

/** A prefix of its own in a bucket of its own for each test; every part is as small as the service takes them. */
async function rig(url: string, credentials: { accessKeyId: string; secretAccessKey: string }) {
  const service = new S3({ endpoint: url, region: 'us-east-1', credentials, forcePathStyle: true });
  const bucket = `glimpse-${randomUUID()}`;
  await service.createBucket({ Bucket: bucket });
  const values = { s3_store_access_key: credentials.accessKeyId, s3_store_secret_key: credentials.secretAccessKey };
  const place = parseBucketPlace(`s3://${bucket}/a/prefix/`, values, { AWS_ENDPOINT_URL_S3: url });
  const workers = { isGone: () => false };
  return {
    bucket,
    service,
    open: () =>
      openBucketTarget({
        place,
        workers: { ...workers, self: randomUUID() },
        lockTimes: { patience: 60_000, renewal: 60_000, settling: 0 },
        copyBytes: 5 * 1024 * 1024,
      }),
    async leftovers(): Promise<readonly string[]> {
      const uploads = await service.listMultipartUploads({ Bucket: bucket });
      const objects = await service.listObjectsV2({ Bucket: bucket });
      const keys = (objects.Contents ?? []).map(({ Key }) => Key ?? '');
      return [
        ...(uploads.Uploads ?? []).map(({ Key }) => Key ?? ''),
        ...keys.filter((key) => !key.startsWith('a/prefix/') || /\.pool\/|\.state\/(lock|journal)/.test(key)),
      ];
    },
    async dispose() {
      const objects = await service.listObjectsV2({ Bucket: bucket });
      for (const { Key } of objects.Contents ?? []) await service.deleteObject({ Bucket: bucket, Key });
      await service.deleteBucket({ Bucket: bucket });
      service.destroy();
    },
  };
}

if (endpoint && accessKeyId && secretAccessKey) {
  const credentials = { accessKeyId, secretAccessKey };
  test('a bucket of a real service: large images are copied in parts, and objects say what they are', async (t) => {
    const { open, leftovers, dispose, bucket, service } = await rig(endpoint, credentials);
    const target = await open();
    const image = randomBytes(11 * 1024 * 1024 + 3);
    await run(target, async () => {
      await add(target, image);
      await target.publish(1, [data('images/a b:c.gz', image), text('SHA256SUMS', 'x')], '', calm());
    });
    t.is(sha256((await bytesOf(await target.read('images/a b:c.gz'))) ?? ''), sha256(image));
    const head = await service.headObject({ Bucket: bucket, Key: 'a/prefix/images/a b:c.gz' });
    t.is(head.ContentType, 'application/octet-stream');
    t.is(head.Metadata?.sha256, sha256(image));
    const list = await service.headObject({ Bucket: bucket, Key: 'a/prefix/SHA256SUMS' });
    t.is(list.ContentType, 'text/plain; charset=utf-8');
    t.deepEqual(await leftovers(), []);
    await target.close();
    await dispose();
  });
  repositoryTargetSuite('a bucket of a real service', () => rig(endpoint, credentials));
} else {
  test.skip('a bucket of a real service: TEST_S3_URL, TEST_S3_ACCESS_KEY and TEST_S3_SECRET_KEY do not name one', () => {});
}
