import type { RemoteImage } from './destination.js';
import { isManaged, isMine, type Ownership, PROVENANCE } from './provenance.js';
import { withoutSerial } from './source-entry.js';

/** The images of a destination, by what decisions ask for. */
export class Remotes {
  readonly #byName = new Map<string, RemoteImage[]>();
  readonly #byEntry = new Map<string, RemoteImage[]>();
  readonly #ownership: Ownership;

  constructor(images: readonly RemoteImage[], ownership: Ownership) {
    this.#ownership = ownership;
    for (const image of images) {
      // Somebody is at work on it, and its name may be a passing one.
      if (image.properties.has(PROVENANCE.pending)) continue;
      // An administrator sees what other projects have among themselves, which nobody here means by a name: it must not keep a mirror from it.
      if (image.visibility === 'public' || isMine(image, ownership)) put(this.#byName, image.name ?? '', image);
      if (isManaged(image, ownership)) put(this.#byEntry, image.properties.get(PROVENANCE.entry) ?? '', image);
    }
  }

  named(name: string): readonly RemoteImage[] {
    return this.#byName.get(name) ?? [];
  }

  /** Images of ours that were made from what is described at a place. */
  madeFrom(syncSource: string): readonly RemoteImage[] {
    return this.#byEntry.get(syncSource) ?? [];
  }

  /** What an image is a version of, in the words of productOf; undefined where it does not say. */
  productOf(image: RemoteImage): string | undefined {
    const serial = image.properties.get(PROVENANCE.serial);
    if (serial === undefined || serial === '' || !isManaged(image, this.#ownership)) return undefined;
    const place = image.properties.get(PROVENANCE.entry);
    return place === undefined ? undefined : withoutSerial(place, serial);
  }
}

function put<K, V>(lists: Map<K, V[]>, key: K, value: V): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}
