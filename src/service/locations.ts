import { isRegistryError, RegistryError } from '../domain/errors.js';
import type { Image } from '../domain/image.js';
import type { Location } from '../domain/location.js';
import type { ImageRegistry } from '../domain/ports/images.js';
import type { Log } from '../domain/ports/log.js';
import type { ByteRange, Opened } from '../domain/ports/store.js';
import type { StorePool } from '../domain/ports/store-pool.js';

export interface Reading {
  readonly signal: AbortSignal;
  /** Ids of stores to read from before the others, most wanted first. */
  readonly prefer?: readonly string[];
}

/** The bytes of images, wherever they are. */
export class Locations {
  constructor(
    private readonly stores: StorePool,
    private readonly images: ImageRegistry,
    private readonly log: Log,
  ) {}

  /**
   * Opens an image's bytes at its first location that works: those in the stores of `prefer` first, then those in heavier stores.
   * Throws what the last location said: not-found, storage-unavailable, storage-denied, invalid, range.
   */
  async open(image: Image, range: ByteRange | undefined, how: Reading): Promise<Opened> {
    const { signal } = how;
    let failure: unknown = new RegistryError('not-found', `Image ${image.id} has no data`);
    for (const location of this.candidates(image, how.prefer ?? [])) {
      try {
        return await this.stores.forLocation(location).open(location, range, signal);
      } catch (error) {
        if (signal.aborted || isRegistryError(error, 'range')) throw error;
        this.log.warning(`a location of image ${image.id} cannot be read`, { error });
        failure = error;
      }
    }
    throw failure;
  }

  private candidates(image: Image, prefer: readonly string[]): readonly Location[] {
    const readable = this.stores.inOrder(image.locations.filter(({ status }) => status === 'active'));
    if (prefer.length === 0) return readable;
    const rank = (location: Location): number => {
      const place = prefer.indexOf(this.stores.idOf(location) ?? '');
      return place < 0 ? prefer.length : place;
    };
    return [...readable].sort((a, b) => rank(a) - rank(b));
  }

  /**
   * Takes one location from an image that has others, and its bytes from their store. Where the store does not let them go, the image keeps the location.
   * Throws conflict when the image has changed since it was read, and as Store.remove does.
   */
  async drop(image: Image, location: Location): Promise<void> {
    const rest = image.locations.filter((one) => one !== location);
    const expected = { revision: image.revision };
    const changed = await this.images.change(image.id, { locations: rest }, expected);
    try {
      await this.removeBytes(location);
    } catch (error) {
      if (isRegistryError(error, 'not-found')) return;
      await this.images.change(image.id, { locations: image.locations }, { revision: changed.revision });
      throw error;
    }
  }

  private async removeBytes(location: Location): Promise<void> {
    const store = this.stores.forLocation(location);
    if (store.can.remove) await store.remove(location);
  }

  /** Bytes at a location; undefined when its store cannot say. Throws as Store.size does. */
  size(location: Location): Promise<number | undefined> {
    return this.stores.forLocation(location).size(location);
  }

  /** Removes an image's bytes from the stores that let it; what fails is logged and left to the sweep, for the image is gone already. */
  async removeAll(image: Image): Promise<void> {
    for (const location of image.locations) {
      try {
        await this.removeBytes(location);
      } catch (error) {
        if (!isRegistryError(error, 'not-found'))
          this.log.warning(`bytes of image ${image.id} could not be removed`, { error });
      }
    }
  }
}
