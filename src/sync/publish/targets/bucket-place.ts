import { parseS3Options, type S3StoreOptions, type S3StoreValues } from '../../../../stores/s3/options.js';
import { assertSafePath } from '../../formats/safe-path.js';
import { SyncError } from '../../sync-error.js';

/** Where in which bucket a repository is, and how to reach it. */
export interface BucketPlace {
  /** `s3://bucket/prefix` */
  readonly name: string;
  /** With a slash at its end, or empty. */
  readonly prefix: string;
  readonly store: S3StoreOptions;
}

/** Whether a target's text names a bucket rather than a folder. */
export function isBucketUrl(text: string): boolean {
  return /^s3:/i.test(text);
}

/**
 * Reads `s3://bucket/prefix`. Service and credentials are those of the options `s3_store_*`; what is not set there comes from the environment,
 * as other tools take it: AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL, AWS_REGION, AWS_CA_BUNDLE, and the library's own chain of credentials.
 * Throws SyncError usage for what is no such URL, naming no secret.
 */
export function parseBucketPlace(
  text: string,
  values: S3StoreValues,
  env: Readonly<Record<string, string | undefined>>,
): BucketPlace {
  const [, bucket, rest = ''] = /^s3:\/\/([^/@:?#\s]+)(?:\/+(.*))?$/is.exec(text.trim()) ?? [];
  if (bucket === undefined) throw new SyncError('usage', 'A bucket is named as s3://bucket or s3://bucket/prefix.');
  const path = rest.replace(/\/+$/, '');
  if (path !== '') refuseUnsafe(path);
  const host = values.s3_store_host ?? env.AWS_ENDPOINT_URL_S3 ?? env.AWS_ENDPOINT_URL ?? null;
  const region = values.s3_store_region_name ?? env.AWS_REGION ?? env.AWS_DEFAULT_REGION ?? null;
  const ca = values.s3_store_cacert ?? env.AWS_CA_BUNDLE ?? null;
  return {
    name: path === '' ? `s3://${bucket}` : `s3://${bucket}/${path}`,
    prefix: path === '' ? '' : `${path}/`,
    store: parse({
      ...values,
      s3_store_bucket: bucket,
      s3_store_host: host,
      s3_store_region_name: region,
      s3_store_cacert: ca,
    }),
  };
}

function refuseUnsafe(path: string): void {
  assertSafePath(path);
  if (/(^|\/)\./.test(path)) throw new SyncError('usage', 'The prefix of a bucket has no name that begins with a dot.');
}

function parse(values: S3StoreValues): S3StoreOptions {
  try {
    return parseS3Options(values);
  } catch (error) {
    throw new SyncError('usage', error instanceof Error ? error.message : String(error), { cause: error });
  }
}
