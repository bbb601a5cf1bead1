import { isRegistryError, RegistryError, SourceChanged } from '../domain/errors.js';
import type { Image } from '../domain/image.js';
import type { ExternalSource, Location } from '../domain/location.js';
import type { Hasher } from '../domain/ports/hasher.js';
import type { ImageRegistry } from '../domain/ports/images.js';
import type { LocationCache } from '../domain/ports/location-cache.js';
import type { Log } from '../domain/ports/log.js';
import type { ByteRange, Opened } from '../domain/ports/store.js';
import type { StorePool } from '../domain/ports/store-pool.js';
import { amendLocation } from './amend-location.js';
import type { DeliveryPlan, Elsewhere, Reader } from './delivery.js';
import { verified } from './verified.js';

export interface LocationsOptions {
  readonly stores: StorePool;
  readonly images: ImageRegistry;
  readonly hasher: Hasher;
  readonly delivery: DeliveryPlan;
  /** Where external bytes are kept; undefined where they are not. */
  readonly cache: LocationCache | undefined;
  readonly log: Log;
}

export interface Reading {
  readonly signal: AbortSignal;
  readonly reader: Reader;
  /** Ids of stores to read from before the others, most wanted first. */
  readonly prefer?: readonly string[];
}

/** The bytes of images, wherever they are. */
export class Locations {
  constructor(private readonly options: LocationsOptions) {}

  /**
   * Opens an image's bytes at its first location that works: those in the stores of `prefer` first, then those in heavier stores.
   * External bytes that are not the ones that were recorded fail before their end, and their location is marked stale.
   * Throws what the last location said: not-found, storage-unavailable, storage-denied, invalid, range.
   */
  async open(image: Image, range: ByteRange | undefined, how: Reading): Promise<Opened> {
    let failure: unknown = new RegistryError('not-found', `Image ${image.id} has no data`);
    for (const location of this.candidates(image, how.prefer)) {
      try {
        return await this.openAt(image, location, range, how);
      } catch (error) {
        if (how.signal.aborted || isRegistryError(error, 'range')) throw error;
        this.options.log.warning(`a location of image ${image.id} cannot be read`, { error });
        failure = error;
      }
    }
    throw failure;
  }

  /** Where a reader gets the bytes without this process; undefined when they have to be opened here. */
  async elsewhere(image: Image, { reader, prefer }: Omit<Reading, 'signal'>): Promise<Elsewhere | undefined> {
    const [first] = this.candidates(image, prefer);
    if (first === undefined) return undefined;
    try {
      return await this.options.delivery.elsewhere(image, first, reader);
    } catch (error) {
      // Opening it will show what is the matter, and go on to the next location.
      this.options.log.warning(`a location of image ${image.id} cannot be given away`, { error });
      return undefined;
    }
  }

  /**
   * Takes one location from an image that has others, and its bytes from their store, unless another location names the very same.
   * Where the store does not let them go, the image keeps the location.
   * Throws conflict when the image has changed since it was read, and as Store.remove does.
   */
  async drop(image: Image, location: Location): Promise<void> {
    const { images } = this.options;
    const rest = image.locations.filter((one) => one !== location);
    const changed = await images.change(image.id, { locations: rest }, { revision: image.revision });
    if (rest.some(({ url }) => url === location.url)) return;
    try {
      await this.removeBytes(image, location);
    } catch (error) {
      if (isRegistryError(error, 'not-found')) return;
      await images.change(image.id, { locations: image.locations }, { revision: changed.revision });
      throw error;
    }
  }

  /** Bytes at a location; undefined when its store cannot say. Throws as Store.size does. */
  size(location: Location): Promise<number | undefined> {
    return this.options.stores.forLocation(location).size(location);
  }

  /** Removes an image's bytes from the stores that let it; what fails is logged and left to the sweep, for the image is gone already. */
  async removeAll(image: Image): Promise<void> {
    for (const location of image.locations) {
      try {
        await this.removeBytes(image, location);
      } catch (error) {
        if (!isRegistryError(error, 'not-found'))
          this.options.log.warning(`bytes of image ${image.id} could not be removed`, { error });
      }
    }
  }

  /** An external location is a record: its bytes are somebody else's. */
  private async removeBytes(image: Image, location: Location): Promise<void> {
    const { stores, cache } = this.options;
    if (location.external !== undefined) return cache?.drop(image.id);
    const store = stores.forLocation(location);
    if (store.can.remove) await store.remove(location);
  }

  /** Those that are known to have changed come last, and only where the origin can tell whether it has changed back. */
  private candidates(image: Image, prefer: readonly string[] = []): readonly Location[] {
    const { stores } = this.options;
    const readable = image.locations.filter(({ status }) => status === 'active');
    const rank = (location: Location): number => {
      if (location.external?.stale) return prefer.length + 1;
      const place = prefer.indexOf(stores.idOf(location) ?? '');
      return place < 0 ? prefer.length : place;
    };
    return [...stores.inOrder(readable)].sort((a, b) => rank(a) - rank(b));
  }

  private async openAt(
    image: Image,
    location: Location,
    range: ByteRange | undefined,
    { signal, reader }: Reading,
  ): Promise<Opened> {
    const { cache, delivery } = this.options;
    if (location.external === undefined) return this.options.stores.forLocation(location).open(location, range, signal);
    const recorded = recordOf(image, location.external);
    const fetch = (wanted: ByteRange | undefined, until: AbortSignal) =>
      this.fetch(image, location, recorded, wanted, until);
    // What nobody can verify is not kept: the digest that is recorded meanwhile may be that of other bytes.
    if (cache === undefined || recorded.digest === null || delivery.of(location, reader) !== 'cache') {
      return fetch(range, signal);
    }
    const kept = await cache.open(image.id, range, signal, (until) => fetch(undefined, until), recorded.size);
    return kept ?? fetch(range, signal);
  }

  private async fetch(
    image: Image,
    location: Location,
    recorded: ExternalSource,
    range: ByteRange | undefined,
    signal: AbortSignal,
  ): Promise<Opened> {
    const { stores, hasher } = this.options;
    const { stale, etag, size } = recorded;
    if (stale && etag === null) throw new SourceChanged();
    const onChange = (error: unknown): never => {
      if (error instanceof SourceChanged && !stale) void this.markStale(image, location);
      throw error;
    };
    // The whole can be verified, whichever way it is asked for.
    const part = range !== undefined && range.start === 0 && range.end + 1 === size ? undefined : range;
    const opened = await stores
      .forLocation(location)
      .open(location, part, signal)
      .catch((error: unknown) => {
        // Ranges have been held to the recorded size before.
        const shorter = isRegistryError(error, 'range') && size !== null && part !== undefined && part.end < size;
        return onChange(shorter ? new SourceChanged() : error);
      });
    if (size !== null && opened.size !== undefined && opened.size !== size) {
      await opened.close();
      return onChange(new SourceChanged());
    }
    if (part !== undefined) return opened;
    const checked = verified(opened, recorded, hasher);
    return { ...checked, bytes: reporting(checked.bytes, onChange) };
  }

  private async markStale(image: Image, location: Location): Promise<void> {
    const { images, log } = this.options;
    try {
      await amendLocation(images, image.id, location.url, (external) => ({ ...external, stale: true }));
      log.warning(`a source of image ${image.id} has changed since it was registered`);
    } catch (error) {
      if (!isRegistryError(error, 'not-found', 'conflict'))
        log.error(`image ${image.id} could not be changed`, { error });
    }
  }
}

/** Bytes of the whole image, as far as they are known: an external location can be active before anybody has read it, and API v1 writes 0 then. */
export function knownSize({ size, locations }: Image): number | undefined {
  const source = locations.find(({ external }) => external !== undefined)?.external;
  return size || source === undefined ? (size ?? undefined) : (source.size ?? undefined);
}

/** What must be true of the bytes: what was recorded with the location, and what the image says. */
function recordOf(image: Image, external: ExternalSource): ExternalSource {
  const { hashAlgorithm: algorithm, hashValue: value, checksum } = image;
  const own = algorithm !== null && value !== null ? { algorithm, value } : undefined;
  const digest = own ?? external.digest ?? (checksum === null ? null : { algorithm: 'md5', value: checksum });
  return { ...external, size: image.size || external.size, digest };
}

async function* reporting(
  bytes: AsyncIterable<Uint8Array>,
  onError: (error: unknown) => never,
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    yield* bytes;
  } catch (error) {
    onError(error);
  }
}
