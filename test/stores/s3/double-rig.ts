import type { S3StoreOptions } from '../../../stores/s3/options.js';
import { createS3Store } from '../../../stores/s3/s3-store.js';
import type { StoreRig } from '../../suites/store-rig.js';
import { ACCESS_KEY, type DoubleOptions, S3Double, SECRET_KEY } from '../../support/s3-double/s3-double.js';

export const BUCKET = 'images';

/** Neither a multiple nor a divisor of the memory that parts are kept in. */
export const PART_BYTES = 1_500_000;

export interface DoubleRig extends StoreRig {
  readonly double: S3Double;
}

/** Tries follow each other at once: what is tested is that there are some, not how long they wait. */
export function optionsFor(double: S3Double, options: Partial<S3StoreOptions> = {}): S3StoreOptions {
  return {
    endpoint: double.url,
    region: 'us-east-1',
    bucket: BUCKET,
    credentials: { accessKeyId: ACCESS_KEY, secretAccessKey: SECRET_KEY },
    createBucketOnPut: false,
    pathStyle: true,
    largeObjectBytes: PART_BYTES,
    partBytes: PART_BYTES,
    threads: 3,
    retry: { attempts: 3, firstMs: 0, mostMs: 0 },
    ...options,
  };
}

/** A store on a double of its own. Left over are multipart uploads, requests under way, and connections after the store's end. */
export async function doubleRig(
  options: Partial<S3StoreOptions> = {},
  { buckets = [BUCKET], ...doubleOptions }: DoubleOptions = {},
): Promise<DoubleRig> {
  const double = await S3Double.start({ buckets, smallestPart: PART_BYTES, ...doubleOptions });
  const store = await createS3Store(optionsFor(double, options));
  return {
    store,
    double,
    partBytes: PART_BYTES,
    async leftovers() {
      await double.quiet();
      await store.close();
      await double.unconnected();
      return [...double.buckets.values()].flatMap(({ uploads }) => [...uploads.values()].map(({ key }) => key));
    },
    async dispose() {
      await store.close();
      await double.halt();
    },
  };
}
