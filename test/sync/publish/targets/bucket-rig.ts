import type { RepositoryTarget } from '../../../../src/sync/publish/ports.js';
import { type BucketTargetOptions, openBucketTarget } from '../../../../src/sync/publish/targets/bucket.js';
import { BUCKET, optionsFor, PART_BYTES } from '../../../stores/s3/double-rig.js';
import type { TargetRig } from '../../../suites/repository-target.js';
import { type DoubleOptions, S3Double } from '../../../support/s3-double/s3-double.js';

export interface BucketRig extends TargetRig {
  readonly double: S3Double;
  /** A publisher with a name of its own; those in `gone` run no more. */
  publisher(self: string, gone?: readonly string[], more?: Partial<BucketTargetOptions>): Promise<RepositoryTarget>;
  /** What a reader finds, by path. */
  readers(): ReadonlyMap<string, Buffer>;
}

export const PREFIX = 'public/images/';

/** A repository in a bucket of the double. Patience is without end: who is dead is said, not waited for. */
export async function bucketRig(options: DoubleOptions = {}): Promise<BucketRig> {
  const double = await S3Double.start({ buckets: [BUCKET], smallestPart: PART_BYTES, page: 3, ...options });
  const bucket = double.bucket(BUCKET);
  let count = 0;
  const publisher: BucketRig['publisher'] = (self, gone = [], more = {}) =>
    openBucketTarget({
      place: {
        name: `s3://${BUCKET}/${PREFIX.slice(0, -1)}`,
        prefix: PREFIX,
        store: optionsFor(double, { retry: { attempts: 2, firstMs: 0, mostMs: 0 } }),
      },
      workers: { self, isGone: (worker) => gone.includes(worker) },
      lockTimes: { patience: 3_600_000, renewal: 3_600_000, settling: 0 },
      ...more,
    });
  return {
    double,
    publisher,
    open() {
      count += 1;
      return publisher(`publisher-${count}`);
    },
    readers() {
      const own = [...bucket.objects].filter(([key]) => key.startsWith(PREFIX) && !key.startsWith(`${PREFIX}.`));
      return new Map(own.map(([key, { bytes }]) => [key.slice(PREFIX.length), bytes]));
    },
    async leftovers() {
      await double.quiet();
      const uploads = [...bucket.uploads.values()].map(({ key }) => key);
      const work = [...bucket.objects.keys()].filter((key) => /\.pool\/|\.state\/(lock|journal)/.test(key));
      const strange = [...bucket.objects.keys()].filter((key) => !key.startsWith(PREFIX));
      return [...uploads, ...work, ...strange];
    },
    dispose: () => double.halt(),
  };
}
