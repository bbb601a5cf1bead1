import { isRegistryError, RegistryError } from '../domain/errors.js';
import type { Image, ImageChange } from '../domain/image.js';
import { type Delivery, type Location, UNKNOWN_SOURCE } from '../domain/location.js';
import type { ImageRegistry } from '../domain/ports/images.js';
import type { Log } from '../domain/ports/log.js';
import type { StorePool } from '../domain/ports/store-pool.js';
import { type LocationHashes, type Measure, type Measured, recorded } from './location-hashes.js';
import type { StorageLimit } from './storage-limit.js';
import { EMPTIED } from './upload-service.js';
import type { UploadWatch } from './upload-watch.js';

export interface LocationImportOptions {
  readonly images: ImageRegistry;
  readonly stores: StorePool;
  readonly storageLimit: StorageLimit;
  readonly watch: UploadWatch;
  readonly hashes: LocationHashes;
  readonly log: Log;
  /** `do_secure_hash`: what a client says of the bytes is checked, and what it does not say is found out. */
  readonly secureHash: boolean;
  /** `hashing_algorithm`, by node:crypto's name. */
  readonly hashAlgorithm: string;
  /** `image_size_cap`, bytes. */
  readonly sizeCap: number;
}

export interface ClaimedHash {
  readonly algorithm: string;
  /** Hex. */
  readonly value: string;
}

/** Makes a URL the data of a queued image (image-api-v2 section 2.6). */
export class LocationImport {
  constructor(private readonly options: LocationImportOptions) {}

  /**
   * Registers the URL. With a claimed hash that has to be checked the image is `importing` until that is done: then it is active, or queued again when it was wrong.
   * Otherwise it is active at once. Throws conflict (not queued any more), quota, too-large, and as Store.size does.
   */
  async add(image: Image, url: string, claimed: ClaimedHash | undefined, delivery: Delivery | null): Promise<void> {
    const { stores, storageLimit, watch, sizeCap, secureHash } = this.options;
    const location: Location = {
      url,
      metadata: {},
      status: 'active',
      external: { ...UNKNOWN_SOURCE, delivery },
    };
    const size = await stores.forLocation(location).size(location);
    if (size !== undefined && size > sizeCap) {
      throw new RegistryError('too-large', `The source is larger than ${sizeCap} bytes.`);
    }
    // No upload of the image begins from here on: its reservation would be settled with ours.
    await watch.begin(image.id, undefined, 'queued');
    const allowance = storageLimit.for(image);
    const end = (): Promise<void> => allowance.settle().finally(() => watch.end(image.id));
    try {
      await allowance.cover(size ?? 0);
      if (secureHash && claimed !== undefined) return await this.verify(image, location, claimed, end);
      await this.activate(image, location, size ?? null, claimed);
    } catch (error) {
      await end();
      throw error;
    }
    await end();
  }

  private async activate(
    image: Image,
    location: Location,
    size: number | null,
    claimed: ClaimedHash | undefined,
  ): Promise<void> {
    const { images, hashes, secureHash, hashAlgorithm } = this.options;
    const hash = claimed === undefined ? {} : { hashAlgorithm: claimed.algorithm, hashValue: claimed.value };
    const change: ImageChange = { status: 'active', size, ...hash, locations: [location] };
    const active = await images.change(image.id, change, { status: ['queued'] });
    if (!secureHash) return;
    hashes.start(image, async (measure) => {
      try {
        await this.complete(active, location, await measure(location, hashAlgorithm));
      } catch (error) {
        this.tell(image, error);
      }
    });
  }

  /** What the background found out about an image that is active already, unless its data is another by now. */
  private async complete(image: Image, { url }: Location, measured: Measured): Promise<void> {
    const { images } = this.options;
    const { size, checksum, algorithm: hashAlgorithm, value: hashValue } = measured;
    const now = await images.get(image.id, { kind: 'admin', seesDeleted: false });
    const own = now.locations.find((location) => location.url === url && location.external !== undefined);
    if (own === undefined || now.hashValue !== null) return;
    const locations = now.locations.map((location) =>
      location === own ? { ...own, external: recorded(own.external ?? UNKNOWN_SOURCE, measured) } : location,
    );
    const change = { size, checksum, hashAlgorithm, hashValue, locations };
    try {
      await images.change(image.id, change, { revision: now.revision });
    } catch (error) {
      if (!isRegistryError(error, 'conflict')) throw error;
      await this.complete(image, { ...own }, measured);
    }
  }

  /** `end` is called when the claim has been checked, unless this throws. */
  private async verify(
    image: Image,
    location: Location,
    claimed: ClaimedHash,
    end: () => Promise<void>,
  ): Promise<void> {
    const { images, hashes } = this.options;
    await images.change(image.id, { status: 'importing' }, { status: ['queued'] });
    hashes.start(image, (measure) =>
      this.judge(image, location, claimed, measure)
        .finally(end)
        .catch((error: unknown) => this.tell(image, error)),
    );
  }

  /** Who has lost the lease does not touch what another import may be doing by now. */
  private async judge(image: Image, location: Location, claimed: ClaimedHash, measure: Measure): Promise<void> {
    const { watch } = this.options;
    try {
      const measured = await measure(location, claimed.algorithm);
      if (await watch.holds(image.id)) await this.compare(image, location, claimed, measured);
    } catch (error) {
      this.tell(image, error);
      if (await watch.holds(image.id)) await this.requeue(image);
    }
  }

  private async compare(image: Image, location: Location, claimed: ClaimedHash, measured: Measured): Promise<void> {
    const { size, checksum, algorithm: hashAlgorithm, value: hashValue } = measured;
    if (hashValue !== claimed.value.toLowerCase()) {
      throw new RegistryError('invalid', `The ${hashAlgorithm} of the source is not the one that was given.`);
    }
    const locations = [{ ...location, external: recorded(location.external ?? UNKNOWN_SOURCE, measured) }];
    const change: ImageChange = { status: 'active', size, checksum, hashAlgorithm, hashValue, locations };
    await this.options.images.change(image.id, change, { status: ['importing'] });
  }

  private async requeue(image: Image): Promise<void> {
    try {
      await this.options.images.change(image.id, EMPTIED, { status: ['importing'] });
    } catch (error) {
      if (!isRegistryError(error, 'conflict', 'not-found')) this.tell(image, error);
    }
  }

  private tell(image: Image, error: unknown): void {
    if (isRegistryError(error, 'gone', 'not-found')) return;
    this.options.log.warning(`the location of image ${image.id} could not be taken`, { error });
  }
}
