import type { S3Context } from '../../../../stores/s3/client.js';
import { FalseAnswer, isMissing, isNotImplemented } from '../../../../stores/s3/errors.js';
import { abortUpload, deleteObject, headObject, listedObjects, openUploads } from '../../../../stores/s3/objects.js';
import { openObject } from '../../../../stores/s3/open.js';
import { createPartMemory, type PartMemory } from '../../../../stores/s3/part-memory.js';
import { putBytes } from '../../../../stores/s3/put.js';
import { retrying } from '../../../../stores/s3/retry.js';
import { isRegistryError } from '../../../domain/errors.js';

/** What a service says of an object. */
export interface ObjectFacts {
  readonly size: number;
  readonly etag: string | undefined;
  /** By the service's clock, in whole seconds. */
  readonly modified: Date | undefined;
}

export interface ObjectHeaders {
  readonly contentType: string;
  readonly cacheControl: string;
  /** Of its bytes, as metadata; in hex. */
  readonly sha256?: string;
}

/** What must hold for a write to be done: nothing there yet, or the object of this ETag. */
export type Condition = { readonly ifNoneMatch: '*' } | { readonly ifMatch: string };

/** MiB that all uploads together use to have several parts on their way. */
const COMMON_PIECES = 24;

const INTERNAL: ObjectHeaders = { contentType: 'application/octet-stream', cacheControl: 'no-store' };

/** The objects of one bucket below a prefix, by their names behind it. Errors are those of the service, as they are. */
export class BucketObjects {
  readonly #memory: PartMemory = createPartMemory(COMMON_PIECES);

  constructor(
    readonly context: S3Context,
    readonly prefix: string,
  ) {}

  /** Undefined when there is none. */
  async head(name: string): Promise<ObjectFacts | undefined> {
    const found = await headObject(this.context, this.keyOf(name));
    return found && { size: found.ContentLength ?? 0, etag: found.ETag, modified: found.LastModified };
  }

  /** The bytes of an object, continued where a connection breaks; undefined when there is none. */
  async read(name: string, signal = new AbortController().signal): Promise<AsyncIterable<Uint8Array> | undefined> {
    try {
      return (await openObject(this.context, this.keyOf(name), undefined, signal)).bytes;
    } catch (error) {
      if (isRegistryError(error, 'not-found') || isMissing(error)) return undefined;
      throw error;
    }
  }

  /** A whole text; undefined when there is none. */
  async text(name: string): Promise<string | undefined> {
    const bytes = await this.read(name);
    if (bytes === undefined) return undefined;
    const pieces: Buffer[] = [];
    for await (const piece of bytes) pieces.push(Buffer.from(piece));
    return Buffer.concat(pieces).toString('utf8');
  }

  /** Writes a small object, over one that is there, and tells its ETag. Throws what the service says of a condition that does not hold. */
  async put(name: string, bytes: Uint8Array, headers = INTERNAL, condition?: Condition): Promise<string | undefined> {
    const { s3, place, retry } = this.context;
    const request = { Bucket: place.bucket, Key: this.keyOf(name), ...described(headers) };
    const { ETag } = await retrying(retry, undefined, () =>
      s3.putObject({ ...request, ...conditional(condition), Body: bytes, ContentLength: bytes.byteLength }),
    );
    return ETag;
  }

  /** Makes a large object of a name that is free, in parts; all or nothing. Tells its size. */
  fill(name: string, bytes: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<number> {
    return putBytes(this.context, this.#memory, this.keyOf(name), bytes, { signal });
  }

  /** Quiet when there is none. */
  remove(name: string): Promise<void> {
    return deleteObject(this.context, this.keyOf(name));
  }

  /** Names and sizes of all objects. */
  async *list(): AsyncGenerator<{ readonly name: string; readonly size: number }, void, undefined> {
    for await (const page of listedObjects(this.context, this.prefix)) {
      for (const { key, size } of page) yield { name: key.slice(this.prefix.length), size };
    }
  }

  /** Ends the uploads that nobody completed, of names that begin so. */
  async abandonUploads(beginning: string): Promise<void> {
    try {
      for await (const page of openUploads(this.context, this.keyOf(beginning))) {
        for (const { key, uploadId } of page) {
          if (key.startsWith(this.keyOf(beginning))) await abortUpload(this.context, key, uploadId);
        }
      }
    } catch (error) {
      // A service that cannot list them cannot be helped.
      if (!isNotImplemented(error)) throw error;
    }
  }

  /** The time by the service's own clock, to the second. */
  async now(): Promise<Date> {
    await this.put('.state/clock', Buffer.from('?'));
    const found = await this.head('.state/clock');
    if (found?.modified === undefined) throw new FalseAnswer('The service does not say when an object was written.');
    return found.modified;
  }

  keyOf(name: string): string {
    return this.prefix + name;
  }

  async close(): Promise<void> {
    this.context.s3.destroy();
    for (const connection of this.context.connections) connection.destroy();
  }
}

/** Headers in the words of the service's library. */
export function described({ contentType, cacheControl, sha256 }: ObjectHeaders) {
  return {
    ContentType: contentType,
    CacheControl: cacheControl,
    ...(sha256 === undefined ? {} : { Metadata: { sha256 } }),
  };
}

function conditional(condition: Condition | undefined): { IfNoneMatch?: string; IfMatch?: string } {
  if (condition === undefined) return {};
  return 'ifMatch' in condition ? { IfMatch: condition.ifMatch } : { IfNoneMatch: condition.ifNoneMatch };
}
