import type { Actor } from '../domain/actor.js';
import { isRegistryError, RegistryError } from '../domain/errors.js';
import type { Image, ImageChange } from '../domain/image.js';
import { type ExternalSource, type Location, UNKNOWN_SOURCE } from '../domain/location.js';
import type { ImageRegistry } from '../domain/ports/images.js';
import type { Log } from '../domain/ports/log.js';
import type { StorePool } from '../domain/ports/store-pool.js';
import { amendLocation } from './amend-location.js';
import { type LocationHashes, type Measure, type Measured, recorded } from './location-hashes.js';
import type { UploadService } from './upload-service.js';

/** Schemes that name places of the server itself: never a client's to give. */
const INTERNAL = ['file', 'filesystem', 'swift+config'];

export interface ExternalSourcesOptions {
  readonly images: ImageRegistry;
  readonly stores: StorePool;
  readonly uploads: UploadService;
  /** Undefined where nothing is read but for those who download it (`do_secure_hash`). */
  readonly hashes: LocationHashes | undefined;
  /** `hashing_algorithm`, by node:crypto's name. */
  readonly hashAlgorithm: string;
  readonly log: Log;
}

export interface CopyOptions {
  readonly store: string | undefined;
  readonly checksum: string | undefined;
}

function at(url: string): Location {
  return { url, metadata: {}, status: 'active' };
}

/** Whether nobody has read the bytes of this external location yet. */
function isUnknown({ external: source }: Location): boolean {
  return source?.digest === null;
}

/** Whether what was read at a location are the bytes that the image is known to have. */
function isImage(image: Image, { size, checksum, algorithm, value }: Measured): boolean {
  if (image.size && image.size !== size) return false;
  if (image.hashAlgorithm === algorithm && image.hashValue !== null) return image.hashValue.toLowerCase() === value;
  return image.checksum === null || image.checksum.toLowerCase() === checksum;
}

/** A location that a client named, of which so much is known. */
export function external(url: string, known: Partial<ExternalSource>, metadata: Location['metadata'] = {}): Location {
  return { url, metadata, status: 'active', external: { ...UNKNOWN_SOURCE, ...known } };
}

/** Images whose bytes a client names by URL: copied in, or left where they are. */
export class ExternalSources {
  private readonly copies = new Set<Promise<void>>();
  private readonly closing = new AbortController();

  constructor(private readonly options: ExternalSourcesOptions) {}

  /**
   * Throws invalid for a source that is empty, internal, or of a scheme that no store serves, and for one in a store of ours unless an administrator
   * or a service names it: it may hold the bytes of anybody's image.
   */
  check(source: string, actor: Actor): void {
    if (source === '') throw new RegistryError('invalid', 'External source should not be empty');
    const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(source)?.[1]?.toLowerCase();
    // Neither a URL nor a text that every database can keep.
    const broken = /\p{Cc}/u.test(source) || !source.isWellFormed();
    if (broken || scheme === undefined || INTERNAL.includes(scheme) || !this.options.stores.schemes.has(scheme)) {
      throw new RegistryError('invalid', `External sources are not supported: '${source}'`);
    }
    const trusted = actor.isAdmin || actor.roles.includes('service');
    const ours = this.options.stores.stores.some(({ schemes, can }) => can.write && schemes.includes(scheme));
    if (ours && !trusted) throw new RegistryError('invalid', `External sources are not supported: '${source}'`);
  }

  /** Throws invalid for a source that `check` lets pass and no store can make out: stores know their schemes in lower case only. */
  checkLocation(source: string): void {
    if (/^[^:]*[A-Z]/.test(source)) throw new RegistryError('invalid', `Invalid location ${source}`);
  }

  /** Bytes of the source as its server announces them; 0 when it does not. Throws as Store.size does. */
  async size(source: string): Promise<number> {
    const location = at(source);
    return (await this.options.stores.forLocation(location).size(location)) ?? 0;
  }

  /**
   * Makes the source the image's location and the image active, without fetching it.
   * Throws conflict when the client's size differs from the source's.
   */
  async locate(image: Image, source: string, suppliedSize: number): Promise<Image> {
    const stored = await this.size(source);
    if (suppliedSize > 0 && stored > 0 && suppliedSize !== stored) {
      throw new RegistryError(
        'conflict',
        `Provided image size must match the stored image size. (provided size: ${suppliedSize}, stored size: ${stored})`,
      );
    }
    const change: ImageChange = {
      status: 'active',
      size: suppliedSize > 0 ? suppliedSize : stored,
      locations: [external(source, { size: stored > 0 ? stored : null })],
    };
    const located = await this.options.images.change(image.id, change, { status: [image.status] });
    this.record(located);
    return located;
  }

  /** Reads what is not known yet of an image's external locations in the background, so that a change of their bytes is noticed. */
  record(image: Image): void {
    const { hashes } = this.options;
    const unknown = image.locations.filter(isUnknown).map(({ url }) => url);
    if (hashes === undefined || unknown.length === 0) return;
    hashes.start(image, async (measure) => {
      for (const url of unknown) {
        try {
          await this.measure(image, url, measure);
        } catch (error) {
          if (isRegistryError(error, 'gone', 'not-found')) return;
          this.options.log.warning(`a location of image ${image.id} could not be recorded`, { error });
        }
      }
    });
  }

  private async measure({ id }: Image, url: string, measure: Measure): Promise<void> {
    const { images, hashAlgorithm } = this.options;
    const { locations } = await images.get(id, { kind: 'admin', seesDeleted: false });
    const location = locations.find((one) => one.url === url && isUnknown(one));
    if (location === undefined) return;
    const measured = await measure(location, hashAlgorithm);
    await amendLocation(images, id, url, (source, image) => {
      const now = recorded(source, measured);
      // Without its validator it can never pass for the image, not even in parts.
      return isImage(image, measured) ? now : { ...now, etag: null, stale: true };
    });
  }

  /** Copies the source into a store in the background; the outcome is the image's status, `active` or `killed`. */
  copy(image: Image, source: string, options: CopyOptions): void {
    const copy = this.run(image, source, options).catch((error: unknown) => {
      if (!this.closing.signal.aborted)
        this.options.log.error(`image ${image.id} could not be copied from its source`, { error });
    });
    this.copies.add(copy);
    void copy.finally(() => this.copies.delete(copy));
  }

  /** Breaks off the copies under way (their images are killed) and waits for them. */
  async close(): Promise<void> {
    this.closing.abort();
    await Promise.all(this.copies);
  }

  private async run(image: Image, source: string, { store, checksum }: CopyOptions): Promise<void> {
    const { stores, uploads } = this.options;
    const location = at(source);
    const { signal } = this.closing;
    let opened: Awaited<ReturnType<ReturnType<StorePool['forLocation']>['open']>>;
    try {
      opened = await stores.forLocation(location).open(location, undefined, signal);
    } catch (error) {
      await uploads.fail(image, 'killed', 'queued');
      throw error;
    }
    try {
      await uploads.upload(image, {
        open: () => opened.bytes,
        store,
        length: opened.size,
        // The source knows its size better than a client's header does (image-api-v1 section 10).
        expected: { size: opened.size, checksum },
        from: [image.status],
        failed: 'killed',
        signal,
      });
    } catch (error) {
      if (isRegistryError(error, 'conflict')) await uploads.fail(image, 'killed', 'queued');
      throw error;
    } finally {
      await opened.close();
    }
  }
}
