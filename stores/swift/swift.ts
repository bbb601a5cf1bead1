import { RegistryError } from '../../src/domain/errors.js';
import type { ImageId } from '../../src/domain/image.js';
import type { Location } from '../../src/domain/location.js';
import type { Hasher } from '../../src/domain/ports/hasher.js';
import type { Capabilities } from './capabilities.js';
import type { SwiftClient } from './client.js';
import type { SwiftStoreOptions } from './options.js';
import { accountOf, containerFor, ownPlace, type Place, parentOf } from './places.js';

/** What the parts of the driver share. */
export interface Swift {
  readonly options: SwiftStoreOptions;
  readonly client: SwiftClient;
  readonly hasher: Hasher;
  capabilities(): Promise<Capabilities>;
  /** Images being put by this process. */
  readonly running: Map<ImageId, Place>;
  /** Containers that were there when last looked at, as `account/container`. */
  readonly containers: Set<string>;
}

/** Where a new image goes. */
export async function newPlace({ options, client }: Swift, key: ImageId, owner?: string | null): Promise<Place> {
  const place = { container: containerFor(key, options), object: key };
  if (!options.multiTenant || !owner) return place;
  return { ...place, account: accountOf(owner, (await client.session()).storageUrl) };
}

/** Where the object of a location is. Throws invalid when that is not in this store. */
export async function placeAt({ options, client }: Swift, location: Location): Promise<Place> {
  const { parent, ...place } = ownPlace(location, options);
  // The token goes to the storage that authentication named, never to a host that a location names.
  if (parent !== undefined && parent !== parentOf((await client.session()).storageUrl)) {
    throw new RegistryError('invalid', 'The location is not one of this Swift store.');
  }
  return place;
}
