import { isImageId } from '../../src/domain/image.js';
import type { SweepGuide, SweepReport } from '../../src/domain/ports/store.js';
import type { S3Context } from './client.js';
import { asStoreError, isNoBucket } from './errors.js';
import { abortUpload, deleteObject, objectKeys, openUploads } from './objects.js';

/** Store.sweep of the S3 store. A multipart upload is abandoned when nobody holds a lease on its image any more. */
export async function sweepBucket(context: S3Context, guide: SweepGuide): Promise<SweepReport> {
  let removed = 0;
  let unknown = 0;
  try {
    for await (const page of openUploads(context)) {
      const uploads = page.filter(({ key }) => isImageId(key));
      const standing = await guide.standing([...new Set(uploads.map(({ key }) => key))]);
      for (const { key, uploadId } of uploads) {
        if (!standing.has(key)) unknown += 1;
        if ((standing.get(key) ?? 'in-progress') === 'in-progress') continue;
        await abortUpload(context, key, uploadId);
        removed += 1;
      }
    }
    for await (const page of objectKeys(context)) {
      const keys = page.filter(isImageId);
      const standing = await guide.standing(keys);
      unknown += keys.filter((key) => !standing.has(key)).length;
      for (const key of keys) {
        if (standing.get(key) !== 'empty') continue;
        await deleteObject(context, key);
        removed += 1;
      }
    }
  } catch (error) {
    // The bucket will be made by the first upload.
    if (!isNoBucket(error)) throw asStoreError(error);
  }
  return { removed, unknown };
}
