import { RegistryError } from '../../src/domain/errors.js';
import type { S3Context } from './client.js';
import { type Creation, create, inBucket, whereFree } from './creation.js';
import { FalseAnswer, isUncertain } from './errors.js';
import { compareEtag } from './etag.js';
import { aborting, abortUpload, MARK, openUploads } from './objects.js';
import type { Part } from './part.js';
import { MOST_PARTS } from './part-size.js';
import { retrying } from './retry.js';

interface SentPart {
  readonly PartNumber: number;
  readonly ETag: string;
}

/** An object sent in parts, which nobody sees before it is completed. Errors of the service are thrown as they are. */
export class MultipartUpload {
  /** Bytes of all parts. */
  size = 0;
  readonly #context: S3Context;
  readonly #creation: Creation;
  readonly #id: string;
  /** A try to begin that was not answered may have begun another upload. */
  readonly #twins: boolean;
  readonly #sent: SentPart[] = [];
  #parts = 0;

  private constructor(context: S3Context, creation: Creation, id: string, twins: boolean) {
    this.#context = context;
    this.#creation = creation;
    this.#id = id;
    this.#twins = twins;
  }

  static async begin(context: S3Context, creation: Creation, signal: AbortSignal): Promise<MultipartUpload> {
    const { s3, place, retry } = context;
    const request = { Bucket: place.bucket, Key: creation.key, Metadata: { [MARK]: creation.mark } };
    let tries = 0;
    try {
      const id = await inBucket(context, () =>
        retrying(retry, signal, async (failed) => {
          tries = failed + 1;
          const { UploadId } = await s3.createMultipartUpload(request, aborting(signal));
          if (!UploadId) throw new FalseAnswer('The image store began no upload.');
          return UploadId;
        }),
      );
      return new MultipartUpload(context, creation, id, tries > 1);
    } catch (error) {
      // Now or in a sweep: later somebody else may have begun an upload of this key.
      if (isUncertain(error)) await abortUploadsOf(context, creation.key).catch(() => {});
      throw error;
    }
  }

  /** Sends the next part, which must not change until this is over. Calls may overlap; their order is that of the parts. */
  async send(part: Part, signal: AbortSignal): Promise<void> {
    const { s3, place, retry } = this.#context;
    this.#parts += 1;
    const PartNumber = this.#parts;
    if (PartNumber > MOST_PARTS) throw new RegistryError('too-large', 'The image is too large for its store.');
    this.size += part.size;
    await retrying(retry, signal, async () => {
      const request = { Bucket: place.bucket, Key: this.#creation.key, UploadId: this.#id, PartNumber };
      const taken = await s3.uploadPart(
        { ...request, Body: part.body(), ContentLength: part.size },
        { abortSignal: signal },
      );
      if (!taken.ETag) throw new FalseAnswer('The image store did not say what it took.');
      await compareEtag(taken, part);
      this.#sent.push({ PartNumber, ETag: taken.ETag });
    });
  }

  /** Makes the object. Throws duplicate when there is one already. */
  async complete(signal: AbortSignal): Promise<void> {
    const { s3, place, retry } = this.#context;
    const Parts = this.#sent.toSorted((a, b) => a.PartNumber - b.PartNumber);
    const request = { Bucket: place.bucket, Key: this.#creation.key, UploadId: this.#id, MultipartUpload: { Parts } };
    await create(this.#context, this.#creation, this.size, () =>
      whereFree(this.#context, (condition) =>
        retrying(retry, signal, () => s3.completeMultipartUpload({ ...request, ...condition }, aborting(signal))),
      ),
    );
    if (this.#twins) await abortUploadsOf(this.#context, this.#creation.key);
  }

  /** Removes what was sent. */
  async abort(): Promise<void> {
    await abortUpload(this.#context, this.#creation.key, this.#id);
    if (this.#twins) await abortUploadsOf(this.#context, this.#creation.key);
  }
}

/** Aborts every multipart upload of a key. */
export async function abortUploadsOf(context: S3Context, key: string): Promise<void> {
  for await (const page of openUploads(context, key)) {
    for (const upload of page) {
      if (upload.key === key) await abortUpload(context, key, upload.uploadId);
    }
  }
}
