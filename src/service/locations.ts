import { isRegistryError, RegistryError } from '../domain/errors.js';
import type { Image } from '../domain/image.js';
import type { Location } from '../domain/location.js';
import type { Log } from '../domain/ports/log.js';
import type { ByteRange, Opened } from '../domain/ports/store.js';
import type { StorePool } from '../domain/ports/store-pool.js';

/** The bytes of images, wherever they are. */
export class Locations {
  constructor(
    private readonly stores: StorePool,
    private readonly log: Log,
  ) {}

  /**
   * Opens an image's bytes at its first location that works; the others are tried in order.
   * Throws what the last location said: not-found, storage-unavailable, storage-denied, invalid, range.
   */
  async open(image: Image, range: ByteRange | undefined, signal: AbortSignal): Promise<Opened> {
    let failure: unknown = new RegistryError('not-found', `Image ${image.id} has no data`);
    for (const location of image.locations) {
      if (location.status !== 'active') continue;
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

  /** Bytes at a location; undefined when its store cannot say. Throws as Store.size does. */
  size(location: Location): Promise<number | undefined> {
    return this.stores.forLocation(location).size(location);
  }

  /** Removes an image's bytes from the stores that let it; what fails is logged and left to the sweep, for the image is gone already. */
  async removeAll(image: Image): Promise<void> {
    for (const location of image.locations) {
      try {
        const store = this.stores.forLocation(location);
        if (store.can.remove) await store.remove(location);
      } catch (error) {
        if (!isRegistryError(error, 'not-found'))
          this.log.warning(`bytes of image ${image.id} could not be removed`, { error });
      }
    }
  }
}
