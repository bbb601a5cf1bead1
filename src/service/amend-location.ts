import { isRegistryError } from '../domain/errors.js';
import type { Image, ImageId } from '../domain/image.js';
import type { ExternalSource, Location } from '../domain/location.js';
import type { ImageRegistry } from '../domain/ports/images.js';

/** Someone else's change between reading and writing is read and changed again, this often. */
const TRIES = 5;

/**
 * Changes what is recorded of one external location of an image, whatever else changes at the same time; nothing, when the image has it no more.
 * Throws not-found, and conflict when the image is changed too often meanwhile.
 */
export async function amendLocation(
  images: ImageRegistry,
  id: ImageId,
  url: string,
  amend: (external: ExternalSource, image: Image) => ExternalSource,
): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    const image = await images.get(id, { kind: 'admin', seesDeleted: false });
    const amended = (location: Location): Location =>
      location.url === url && location.external !== undefined
        ? { ...location, external: amend(location.external, image) }
        : location;
    try {
      await images.change(id, { locations: image.locations.map(amended) }, { revision: image.revision });
      return;
    } catch (error) {
      if (!isRegistryError(error, 'conflict') || tries === TRIES) throw error;
    }
  }
}
