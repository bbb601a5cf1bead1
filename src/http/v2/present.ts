import type { Image } from '../../domain/image.js';
import { type Location, shownUrl } from '../../domain/location.js';
import type { StorePool } from '../../domain/ports/store-pool.js';
import { formatSeconds } from '../iso-time.js';
import { ATTRIBUTES } from './schemas/create-schemas.js';

/** What of an image the configuration and the actor's rights let be seen beside its plain attributes. */
export interface ImageView {
  /** `show_image_direct_url`. */
  readonly directUrl: boolean;
  /** `show_multiple_locations`. */
  readonly locations: boolean;
  /** Where several stores are configured: what tells them apart. */
  readonly stores: Pick<StorePool, 'idOf' | 'inOrder'> | undefined;
  /** Whether a protected property may be read; all may, when left out. */
  readonly mayRead?: (property: string) => boolean;
}

const HIDDEN: ReadonlySet<string> = new Set(['os_glance_stage_host', 'os_glance_hash_op_host']);

/** API v1 lets a property be named as an attribute is; shown, it would pass for the server's word. */
function addProperties(shown: Record<string, unknown>, image: Image, view: ImageView): void {
  for (const [name, value] of image.properties) {
    if (ATTRIBUTES.has(name) || HIDDEN.has(name) || view.mayRead?.(name) === false) continue;
    // Defined, not assigned: a property may be called __proto__.
    Object.defineProperty(shown, name, { value: value ?? '', enumerable: true, configurable: true, writable: true });
  }
}

/** Without credentials. Where there is but one store, nobody is told its name; where there are several, it is the one that has the bytes now. */
export function presentLocation(location: Location, view: ImageView): object {
  const { store, ...rest } = location.metadata;
  const id = view.stores?.idOf(location);
  return { url: shownUrl(location), metadata: id === undefined ? rest : { ...rest, store: id } };
}

function presentLocations(active: readonly Location[], view: ImageView): object {
  const locations = view.stores?.inOrder(active) ?? active;
  const [first] = locations;
  const stores = locations.flatMap((location) => view.stores?.idOf(location) ?? []);
  return {
    ...(view.directUrl && first !== undefined ? { direct_url: shownUrl(first) } : {}),
    ...(view.locations ? { locations: locations.map((location) => presentLocation(location, view)) } : {}),
    ...(stores.length > 0 ? { stores: stores.join(',') } : {}),
  };
}

/** The image as API v2 shows it: custom properties behind its attributes (image-api-v2 section 3.1). The first location is the one that is read. */
export function presentImage(image: Image, view: ImageView): object {
  const url = `/v2/images/${image.id}`;
  const active = image.locations.filter((location) => location.status === 'active');
  // One shape for all images, with what differs at its end: a page of them is made many times a second.
  const shown: Record<string, unknown> = {
    name: image.name,
    disk_format: image.diskFormat,
    container_format: image.containerFormat,
    visibility: image.visibility,
    size: image.size,
    virtual_size: image.virtualSize,
    status: image.status,
    checksum: image.checksum,
    protected: image.protected,
    min_ram: image.minRam,
    min_disk: image.minDisk,
    owner: image.owner,
    os_hidden: image.hidden,
    os_hash_algo: image.hashAlgorithm,
    os_hash_value: image.hashValue,
    id: image.id,
    created_at: formatSeconds(image.createdAt),
    updated_at: formatSeconds(image.updatedAt),
    tags: [...image.tags],
    self: url,
    file: `${url}/file`,
    schema: '/v2/schemas/image',
  };
  if (view.directUrl || view.locations || view.stores) Object.assign(shown, presentLocations(active, view));
  addProperties(shown, image, view);
  return shown;
}
