import type { RetryPolicy } from './retry.js';

export interface S3Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

export interface S3StoreOptions {
  /** Name of the store in the configuration; `s3` unless there are several. */
  readonly id?: string;
  /** Origin of the service, such as `https://s3.example.org:9000`; AWS by its region when absent. */
  readonly endpoint?: string;
  /** When absent: the environment's or the profile's for AWS, `us-east-1` for other services. */
  readonly region?: string;
  readonly bucket: string;
  /** When absent: environment, profile or instance role. */
  readonly credentials?: S3Credentials;
  readonly createBucketOnPut: boolean;
  /** The bucket in the path of URLs rather than in their host. */
  readonly pathStyle: boolean;
  /** Bytes from which an image goes in parts even when it would fit into one. */
  readonly largeObjectBytes: number;
  /** Bytes of a part; very large images get larger ones. */
  readonly partBytes: number;
  /** Parts of one image on their way at once, at most. */
  readonly threads: number;
  /** File with the certificates (PEM) by which the service is verified. */
  readonly caFile?: string;
  readonly retry?: RetryPolicy;
  /** Milliseconds that a connection may take to be made. */
  readonly connectMs?: number;
  /** Milliseconds without a byte after which a connection counts as dead. */
  readonly idleMs?: number;
}

/** The options' values as the configuration has them, by their names in it. */
export interface S3StoreValues {
  readonly s3_store_host?: string | null;
  readonly s3_store_region_name?: string | null;
  readonly s3_store_access_key?: string | null;
  readonly s3_store_secret_key?: string | null;
  readonly s3_store_bucket?: string | null;
  readonly s3_store_create_bucket_on_put?: boolean;
  readonly s3_store_bucket_url_format?: 'auto' | 'virtual' | 'path';
  /** MB */
  readonly s3_store_large_object_size?: number;
  /** MB */
  readonly s3_store_large_object_chunk_size?: number;
  readonly s3_store_thread_pools?: number;
  readonly s3_store_cacert?: string | null;
}

export const MEBIBYTE = 1024 * 1024;

/** What every S3 service asks of a part that is not the last (MB). */
const SMALLEST_PART = 5;

/**
 * Reads the options of `[glance_store]`, or of a backend's section, that concern this store.
 * Throws an Error naming the option that is wrong, never with the value of a secret one.
 */
export function parseS3Options(values: S3StoreValues, id?: string): S3StoreOptions {
  const bucket = values.s3_store_bucket?.trim();
  if (!bucket) throw new Error('Set s3_store_bucket: the S3 store needs a bucket.');
  if (!/^[\w.-]{3,255}$/.test(bucket)) throw new Error(`s3_store_bucket: '${bucket}' is not the name of a bucket.`);
  const endpoint = parseHost(values.s3_store_host?.trim());
  const host = endpoint === undefined ? undefined : new URL(endpoint).hostname;
  const region = values.s3_store_region_name?.trim() || (host === undefined ? undefined : regionOf(host));
  const credentials = parseCredentials(values.s3_store_access_key?.trim(), values.s3_store_secret_key?.trim());
  const chunk = values.s3_store_large_object_chunk_size ?? 10;
  if (chunk < SMALLEST_PART) throw new Error(`s3_store_large_object_chunk_size must be at least ${SMALLEST_PART}.`);
  const format = values.s3_store_bucket_url_format ?? 'auto';
  const caFile = values.s3_store_cacert?.trim();
  return {
    bucket,
    createBucketOnPut: values.s3_store_create_bucket_on_put ?? false,
    pathStyle: format === 'path' || (format === 'auto' && host !== undefined && !isAws(host)),
    largeObjectBytes: (values.s3_store_large_object_size ?? 100) * MEBIBYTE,
    partBytes: chunk * MEBIBYTE,
    threads: Math.max(1, values.s3_store_thread_pools ?? 10),
    ...(id === undefined ? {} : { id }),
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(region === undefined ? {} : { region }),
    ...(credentials === undefined ? {} : { credentials }),
    ...(caFile ? { caFile } : {}),
  };
}

/** A host without a scheme is spoken to by https. */
function parseHost(text: string | undefined): string | undefined {
  if (!text) return undefined;
  const written = /^https?:\/\//i.test(text) ? text : `https://${text}`;
  const url = URL.canParse(written) ? new URL(written) : undefined;
  if (!url || url.username || url.password || url.pathname !== '/' || url.search || url.hash || /[\s@]/.test(text)) {
    throw new Error('s3_store_host must be a host, or http:// or https:// and a host, with a port where needed.');
  }
  return url.origin;
}

function parseCredentials(access: string | undefined, secret: string | undefined): S3Credentials | undefined {
  if (access && secret) return { accessKeyId: access, secretAccessKey: secret };
  if (access || secret) throw new Error('Set both s3_store_access_key and s3_store_secret_key, or neither.');
  return undefined;
}

/** Whether a host is one of AWS's own: there buckets have hosts of their own, and one name space. */
export function isAws(host: string): boolean {
  return /\.amazonaws\.com(\.cn)?$/i.test(host);
}

/** The region that a host of AWS names; any other service takes the oldest of all regions. */
function regionOf(host: string): string {
  const [, region] = /\bs3[.-](?:dualstack\.)?([a-z]{2}(?:-[a-z]+)+-\d)\.amazonaws\.com/i.exec(host) ?? [];
  return region ?? 'us-east-1';
}
