import { FalseAnswer, isNoUpload } from '../../../../stores/s3/errors.js';
import { aborting, abortUpload } from '../../../../stores/s3/objects.js';
import { retrying } from '../../../../stores/s3/retry.js';
import { type BucketObjects, described, type ObjectHeaders } from './bucket-objects.js';

/** Bytes up to which an object is copied in one request. A service may be silent while it copies, and a connection does not wait for ever. */
const WHOLE = 512 * 1024 * 1024;

export interface Copy {
  readonly from: string;
  readonly to: string;
  readonly size: number;
  readonly headers: ObjectHeaders;
  readonly signal: AbortSignal;
  /** Bytes that one request copies; for tests. */
  readonly most?: number;
}

/** Copies an object within the service, in parts where it is large; its bytes do not come here. Over one that is there; on failure nothing is left open. */
export async function copyObject(objects: BucketObjects, copy: Copy): Promise<void> {
  const { size, most = WHOLE } = copy;
  if (size <= most) await copyWhole(objects, copy);
  else await copyParts(objects, copy, most);
  const found = await objects.head(copy.to);
  if (found?.size !== size) throw new FalseAnswer('The service did not copy all bytes.');
}

function sourceOf(objects: BucketObjects, { from }: Copy): string {
  const key = objects.keyOf(from).split('/').map(encodeURIComponent).join('/');
  return `${objects.context.place.bucket}/${key}`;
}

async function copyWhole(objects: BucketObjects, copy: Copy): Promise<void> {
  const { s3, place, retry } = objects.context;
  const request = {
    Bucket: place.bucket,
    Key: objects.keyOf(copy.to),
    CopySource: sourceOf(objects, copy),
    MetadataDirective: 'REPLACE' as const,
    ...described(copy.headers),
  };
  await retrying(retry, copy.signal, () => s3.copyObject(request, aborting(copy.signal)));
}

async function copyParts(objects: BucketObjects, copy: Copy, most: number): Promise<void> {
  const { s3, place, retry } = objects.context;
  const { signal, size, headers } = copy;
  const target = { Bucket: place.bucket, Key: objects.keyOf(copy.to) };
  const { UploadId } = await retrying(retry, signal, () =>
    s3.createMultipartUpload({ ...target, ...described(headers) }, aborting(signal)),
  );
  if (!UploadId) throw new FalseAnswer('The service began no upload.');
  try {
    const Parts: { PartNumber: number; ETag: string }[] = [];
    for (let start = 0; start < size; start += most) {
      const PartNumber = Parts.length + 1;
      const CopySourceRange = `bytes=${start}-${Math.min(start + most, size) - 1}`;
      const request = { ...target, UploadId, PartNumber, CopySource: sourceOf(objects, copy), CopySourceRange };
      const { CopyPartResult } = await retrying(retry, signal, () => s3.uploadPartCopy(request, aborting(signal)));
      if (!CopyPartResult?.ETag) throw new FalseAnswer('The service did not say what it copied.');
      Parts.push({ PartNumber, ETag: CopyPartResult.ETag });
    }
    const complete = { ...target, UploadId, MultipartUpload: { Parts } };
    await retrying(retry, signal, () => s3.completeMultipartUpload(complete, aborting(signal))).catch(
      (error: unknown) => {
        // The answer to an earlier try may have been lost: the size tells.
        if (!isNoUpload(error)) throw error;
      },
    );
  } catch (error) {
    await abortUpload(objects.context, target.Key, UploadId).catch(() => {});
    throw error;
  }
}
