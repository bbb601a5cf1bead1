import type {
  HeadObjectCommandOutput,
  ListMultipartUploadsCommandInput,
  ListMultipartUploadsCommandOutput,
  ListObjectsV2CommandInput,
  ListObjectsV2CommandOutput,
} from '@aws-sdk/client-s3';
import type { S3Context } from './client.js';
import { isMissing, isNoUpload } from './errors.js';
import { retrying } from './retry.js';

/** The name of the metadata by which an upload knows its object again. */
export const MARK = 'glimpse-upload';

/** What the service says of an object; undefined when there is none. Throws the service's errors as they are. */
export async function headObject(
  { s3, place, retry }: S3Context,
  key: string,
  signal?: AbortSignal,
): Promise<HeadObjectCommandOutput | undefined> {
  const request = { Bucket: place.bucket, Key: key };
  return retrying(retry, signal, () => s3.headObject(request, aborting(signal))).catch((error: unknown) => {
    if (isMissing(error)) return undefined;
    throw error;
  });
}

/** An SDK's option; it takes no undefined. */
export function aborting(signal: AbortSignal | undefined): { abortSignal?: AbortSignal } {
  return signal ? { abortSignal: signal } : {};
}

/** Deletes an object; quiet when there is none. */
export async function deleteObject({ s3, place, retry }: S3Context, key: string): Promise<void> {
  await retrying(retry, undefined, () => s3.deleteObject({ Bucket: place.bucket, Key: key })).catch(
    (error: unknown) => {
      if (!isMissing(error)) throw error;
    },
  );
}

export async function abortUpload({ s3, place, retry }: S3Context, key: string, uploadId: string): Promise<void> {
  const request = { Bucket: place.bucket, Key: key, UploadId: uploadId };
  await retrying(retry, undefined, () => s3.abortMultipartUpload(request)).catch((error: unknown) => {
    if (!isNoUpload(error)) throw error;
  });
}

export interface OpenUpload {
  readonly key: string;
  readonly uploadId: string;
}

/** Multipart uploads that are neither completed nor aborted, of keys with this prefix, in pages. */
export async function* openUploads(
  { s3, place, retry }: S3Context,
  prefix = '',
): AsyncGenerator<OpenUpload[], void, undefined> {
  const request = { Bucket: place.bucket, ...(prefix ? { Prefix: prefix } : {}) };
  let marker: Pick<ListMultipartUploadsCommandInput, 'KeyMarker' | 'UploadIdMarker'> | undefined = {};
  while (marker) {
    const next: ListMultipartUploadsCommandInput = { ...request, ...marker };
    const page: ListMultipartUploadsCommandOutput = await retrying(retry, undefined, () =>
      s3.listMultipartUploads(next),
    );
    yield (page.Uploads ?? []).flatMap(({ Key: key, UploadId: uploadId }) =>
      key && uploadId ? [{ key, uploadId }] : [],
    );
    marker = page.IsTruncated ? { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker } : undefined;
  }
}

export interface ListedObject {
  readonly key: string;
  readonly size: number;
}

/** Objects whose keys have this prefix, in pages. */
export async function* listedObjects(
  { s3, place, retry }: S3Context,
  prefix = '',
): AsyncGenerator<ListedObject[], void, undefined> {
  let token: string | undefined;
  do {
    const request: ListObjectsV2CommandInput = {
      Bucket: place.bucket,
      ...(prefix ? { Prefix: prefix } : {}),
      ...(token === undefined ? {} : { ContinuationToken: token }),
    };
    const page: ListObjectsV2CommandOutput = await retrying(retry, undefined, () => s3.listObjectsV2(request));
    yield (page.Contents ?? []).flatMap(({ Key: key, Size: size = 0 }) => (key ? [{ key, size }] : []));
    token = page.IsTruncated ? page.NextContinuationToken : undefined;
  } while (token !== undefined);
}

/** Keys of all objects, in pages. */
export async function* objectKeys(context: S3Context): AsyncGenerator<string[], void, undefined> {
  for await (const page of listedObjects(context)) yield page.map(({ key }) => key);
}
