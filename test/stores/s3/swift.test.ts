import { randomUUID } from 'node:crypto';
import { S3 } from '@aws-sdk/client-s3';
import test from 'ava';
import { MEBIBYTE, parseS3Options } from '../../../stores/s3/options.js';
import { createS3Store } from '../../../stores/s3/s3-store.js';
import { storeSuite } from '../../suites/store.js';
import type { StoreRig } from '../../suites/store-rig.js';

const { TEST_S3_URL: url, TEST_S3_ACCESS_KEY: accessKeyId, TEST_S3_SECRET_KEY: secretAccessKey } = process.env;

/** A bucket of its own for each test, made by the first upload. */
async function rig(endpoint: string, credentials: { accessKeyId: string; secretAccessKey: string }): Promise<StoreRig> {
  const bucket = `glimpse-${randomUUID()}`;
  const options = parseS3Options({
    s3_store_host: endpoint,
    s3_store_bucket: bucket,
    s3_store_access_key: credentials.accessKeyId,
    s3_store_secret_key: credentials.secretAccessKey,
    s3_store_create_bucket_on_put: true,
    s3_store_large_object_size: 5,
    s3_store_large_object_chunk_size: 5,
  });
  const store = await createS3Store(options);
  const service = new S3({ endpoint, region: 'us-east-1', credentials, forcePathStyle: true });
  return {
    store,
    partBytes: 5 * MEBIBYTE,
    async leftovers() {
      const found = await service.listMultipartUploads({ Bucket: bucket }).catch(ifNoBucket);
      return (found?.Uploads ?? []).map(({ Key }) => Key ?? '');
    },
    async dispose() {
      await store.close();
      const found = await service.listObjectsV2({ Bucket: bucket }).catch(ifNoBucket);
      for (const { Key } of found?.Contents ?? []) await service.deleteObject({ Bucket: bucket, Key });
      await service.deleteBucket({ Bucket: bucket }).catch(ifNoBucket);
      service.destroy();
    },
  };
}

function ifNoBucket(error: unknown): undefined {
  if (!(error instanceof Error && error.name === 'NoSuchBucket')) throw error;
  return undefined;
}

if (url && accessKeyId && secretAccessKey) {
  storeSuite('s3, on a real service', () => rig(url, { accessKeyId, secretAccessKey }));
} else {
  test.skip('s3, on a real service: TEST_S3_URL, TEST_S3_ACCESS_KEY and TEST_S3_SECRET_KEY do not name one', () => {});
}
