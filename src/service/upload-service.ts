import { isRegistryError, RegistryError, UploadMismatch } from '../domain/errors.js';
import type { Image, ImageChange, ImageStatus } from '../domain/image.js';
import type { Hasher } from '../domain/ports/hasher.js';
import type { ImageRegistry } from '../domain/ports/images.js';
import type { Inspection } from '../domain/ports/inspector.js';
import type { Log } from '../domain/ports/log.js';
import type { Store, Stored } from '../domain/ports/store.js';
import type { StorePool } from '../domain/ports/store-pool.js';
import type { Source } from '../stream/intake.js';
import { pump } from '../stream/pump.js';
import { type Findings, inspected } from './inspected.js';
import type { StorageAllowance, StorageLimit } from './storage-limit.js';
import type { UploadWatch } from './upload-watch.js';

export interface UploadServiceOptions {
  readonly images: ImageRegistry;
  readonly stores: StorePool;
  readonly hasher: Hasher;
  readonly storageLimit: StorageLimit;
  readonly watch: UploadWatch;
  readonly log: Log;
  /** `image_size_cap`, bytes. */
  readonly sizeCap: number;
  /** `hashing_algorithm`, by node:crypto's name. */
  readonly hashAlgorithm: string;
}

/** One upload, as its codec understood it. */
export interface Upload {
  /** Opens the body; called once, when everything else has been found right. */
  readonly open: () => Source;
  /** Id or scheme of the store; the default one when undefined. */
  readonly store: string | undefined;
  /** Bytes that the transport announces, when it does. */
  readonly length: number | undefined;
  /** What the client says the image is; a difference fails the upload. */
  readonly expected: { readonly size: number | undefined; readonly checksum: string | undefined };
  /** Statuses from which the upload may start. */
  readonly from: readonly ImageStatus[];
  /** Where a failed upload leaves the image: v1 kills it, v2 queues it again. */
  readonly failed: 'killed' | 'queued';
  readonly signal: AbortSignal;
  /** Looks at the content on its way, and may refuse it (API v2). */
  readonly inspection?: Inspection;
}

interface Ingested extends Stored {
  readonly checksum: string;
  readonly hashValue: string;
  readonly virtualSize: number | null;
}

/** A queued image has no data, and nothing that describes any (image-api-v2 section 3.2). */
export const EMPTIED: ImageChange = {
  status: 'queued',
  size: null,
  virtualSize: null,
  checksum: null,
  hashAlgorithm: null,
  hashValue: null,
};

/** A body that outgrows the size its client announced is read this much beyond the cap, so that the answer can name its real size. */
const SLACK = 1024 * 1024;

/** Takes the bytes of images in: one pass from the client to the store, all or nothing. */
export class UploadService {
  constructor(private readonly options: UploadServiceOptions) {}

  /** The store that would take an upload. Throws invalid when there is none of that name (the image is left as it is). */
  storeFor(name: string | undefined): Store {
    return this.options.stores.forWriting(name);
  }

  /**
   * Moves an image through `saving` to `active`. On failure nothing is stored and the image is `failed`.
   * Throws conflict (the image is not in a status to start from, or someone else uploads), invalid (size or checksum differ),
   * too-large, quota, client-closed, gone (the image was deleted meanwhile), and what the store throws.
   */
  async upload(image: Image, upload: Upload): Promise<Image> {
    const { watch, storageLimit } = this.options;
    const store = this.storeFor(upload.store);
    await watch.begin(image.id, store.id, upload.failed);
    try {
      await this.start(image, upload.from);
      const allowance = storageLimit.for(image);
      try {
        const stored = await this.ingest(image, upload, store, allowance);
        return await this.activate(image, stored, store);
      } catch (error) {
        // Who has lost the lease must not touch what another upload may be doing by now.
        if (await watch.holds(image.id)) await this.fail(image, upload.failed);
        throw error;
      } finally {
        await allowance.settle();
      }
    } finally {
      await watch.end(image.id);
    }
  }

  /** Gives an image up whose upload could not even start. Never throws: the first error is the one to tell. */
  async fail(image: Image, status: 'killed' | 'queued', from: ImageStatus = 'saving'): Promise<void> {
    try {
      await this.options.images.change(image.id, status === 'queued' ? EMPTIED : { status }, { status: [from] });
    } catch (error) {
      if (!isRegistryError(error, 'conflict', 'not-found')) {
        this.options.log.error(`image ${image.id} could not be set to ${status}`, { error });
      }
    }
  }

  private async start(image: Image, from: readonly ImageStatus[]): Promise<void> {
    try {
      await this.options.images.change(image.id, { status: 'saving' }, { status: from });
    } catch (error) {
      if (isRegistryError(error, 'conflict'))
        throw new RegistryError('conflict', 'Image operation conflicts', { cause: error });
      throw error;
    }
  }

  private async ingest(image: Image, upload: Upload, store: Store, allowance: StorageAllowance): Promise<Ingested> {
    if (!store.can.write) {
      throw new RegistryError('storage-disabled', 'Error in store configuration. Adding images to store is disabled.');
    }
    const { watch, hasher, hashAlgorithm, sizeCap } = this.options;
    const limit = upload.expected.size === undefined ? sizeCap : sizeCap + SLACK;
    const size = upload.length ?? upload.expected.size;
    if (upload.length !== undefined) await allowance.cover(upload.length);
    const onBytes = (total: number): Promise<void> | undefined => {
      if (total > limit)
        throw new RegistryError('too-large', `Denying attempt to upload image larger than ${sizeCap} bytes.`);
      return allowance.covers(total) ? undefined : allowance.cover(total);
    };
    const findings: Findings = { virtualSize: image.virtualSize };
    const { inspection } = upload;
    const watched = (bytes: AsyncIterable<Uint8Array>) =>
      inspection === undefined ? bytes : inspected(bytes, inspection, findings, this.options.log);
    const { digests, result } = await pump(upload.open(), {
      signal: upload.signal,
      hasher,
      algorithms: ['md5', hashAlgorithm],
      onBytes,
      sink: (bytes) =>
        store.put(image.id, watched(bytes), {
          worker: watch.worker,
          owner: image.owner,
          signal: upload.signal,
          ...(size === undefined ? {} : { size }),
        }),
    });
    const [checksum = '', hashValue = ''] = digests;
    const ingested = { ...result, checksum, hashValue, virtualSize: findings.virtualSize };
    try {
      this.compare(upload, ingested);
    } catch (error) {
      await this.discard(image, ingested, store);
      throw error;
    }
    return ingested;
  }

  private compare({ expected }: Upload, actual: Ingested): void {
    const { size, checksum } = expected;
    if (size !== undefined && size !== actual.size) throw new UploadMismatch('size', size, actual.size);
    if (checksum !== undefined && checksum !== actual.checksum) {
      throw new UploadMismatch('checksum', checksum, actual.checksum);
    }
  }

  private async activate(image: Image, stored: Ingested, store: Store): Promise<Image> {
    const { url, size, checksum, hashValue, virtualSize } = stored;
    const { hashAlgorithm, images } = this.options;
    const locations = [{ url, metadata: { store: store.id }, status: 'active' as const }];
    try {
      const change = { status: 'active' as const, size, virtualSize, checksum, hashAlgorithm, hashValue, locations };
      return await images.change(image.id, change, { status: ['saving'] });
    } catch (error) {
      await this.discard(image, stored, store);
      if (!isRegistryError(error, 'not-found', 'conflict')) throw error;
      throw new RegistryError(
        'gone',
        `Image ${image.id} could not be found after upload. The image may have been deleted during the upload.`,
        { cause: error },
      );
    }
  }

  private async discard(image: Image, stored: Stored, store: Store): Promise<void> {
    try {
      await store.remove({ url: stored.url, metadata: {}, status: 'active' });
    } catch (error) {
      this.options.log.warning(`the bytes of the failed upload of image ${image.id} could not be removed`, { error });
    }
  }
}
