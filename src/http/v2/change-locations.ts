import { isRegistryError } from '../../domain/errors.js';
import type { Image, ImageChange } from '../../domain/image.js';
import { DELIVERIES, type Delivery, type Location, shownUrl } from '../../domain/location.js';
import { external } from '../../service/external-sources.js';
import type { StorageAllowance } from '../../service/storage-limit.js';
import { actorOf, type Context } from '../context.js';
import { detailed, fault } from '../fault.js';
import { authorize } from './access.js';
import type { V2Api } from './api.js';
import { requireFormats } from './formats-set.js';
import type { LocationOperation } from './patch-request.js';
import type { LocationBody } from './schemas/create-schemas.js';
import { vouch } from './validation-data.js';

export interface LocationsChange {
  readonly change: ImageChange;
  /** What the new locations count against the owner's storage; to be settled whether or not the change is written. */
  readonly allowance: StorageAllowance;
  /** To be called when the change is written: removes the bytes of locations that are gone. */
  removeBytes(): Promise<void>;
}

interface Draft {
  /** As the operations so far have made it. */
  image: Image;
  locations: Location[];
  readonly removed: Location[];
}

function invisible(verb: string): Error {
  return fault(403, `It's not allowed to ${verb} locations if locations are invisible.`);
}

function refuseStatus(verb: string, image: Image, allowed: readonly string[]): void {
  if (!allowed.includes(image.status)) {
    throw fault(409, `It's not allowed to ${verb} locations if image status is ${image.status}.`);
  }
}

function position(index: string, length: number, verb: string): number {
  const at = index === '-' ? length : Number(index);
  if (!/^(-|\d+)$/.test(index) || at > length) throw fault(400, `Invalid position for ${verb} a location.`);
  return at;
}

/** Bytes at a client's URL. Throws 400 for one that must not be used or cannot be reached; nothing of it is told. */
async function sizeAt(ctx: Context, api: V2Api, url: string): Promise<number> {
  try {
    api.sources.check(url, actorOf(ctx));
    return await api.sources.size(url);
  } catch (error) {
    if (isRegistryError(error)) throw fault(400, 'Invalid location');
    throw error;
  }
}

/** `"delivery": "cache"` in a location's metadata is the client's wish for it; an addition, which other servers keep and do not heed. */
function deliveryOf({ metadata }: LocationBody): Delivery | null {
  return DELIVERIES.find((delivery) => delivery === metadata.delivery) ?? null;
}

async function add(ctx: Context, api: V2Api, draft: Draft, body: LocationBody, index: string): Promise<void> {
  refuseStatus('add', draft.image, ['active', 'queued']);
  const vouched = vouch(draft.image, body.validation_data, api.hashAlgorithm);
  requireFormats(draft.image);
  const at = position(index, draft.locations.length, 'adding');
  const same = draft.locations.some(
    (location) => location.url === body.url && JSON.stringify(location.metadata) === JSON.stringify(body.metadata),
  );
  if (same) throw fault(400, `The location ${body.url} already exists`);
  if (api.locationQuota >= 0 && draft.locations.length + 1 > api.locationQuota) {
    throw fault(
      413,
      'The limit has been exceeded on the number of allowed image locations. ' +
        `Attempted: ${draft.locations.length + 1}, Maximum: ${api.locationQuota}`,
    );
  }
  const size = await sizeAt(ctx, api, body.url);
  if (size === 0) throw fault(400, 'Invalid location');
  if (draft.image.size !== null && draft.image.size !== size) {
    throw fault(409, `The location has ${size} bytes, the image ${draft.image.size}`);
  }
  draft.image = { ...draft.image, ...vouched, status: 'active', size: draft.image.size ?? size };
  draft.locations.splice(at, 0, external(body.url, { size, delivery: deliveryOf(body) }, body.metadata));
}

function removeAt(draft: Draft, index: string): void {
  if (draft.image.status !== 'active') {
    throw fault(409, `It's not allowed to remove locations if image status is ${draft.image.status}.`);
  }
  if (draft.locations.length === 1) throw detailed(403, 'Cannot remove last location in the image.');
  const at = position(index, draft.locations.length - 1, 'removing');
  draft.removed.push(...draft.locations.splice(at, 1));
}

/** The same locations with other metadata, each named once by its URL as it is or as it is shown. Throws 400. */
function described(locations: readonly Location[], bodies: readonly LocationBody[]): Location[] {
  const left = [...locations];
  const named = bodies.flatMap(({ url, metadata }) => {
    const exact = left.findIndex((location) => location.url === url);
    const at = exact < 0 ? left.findIndex((location) => shownUrl(location) === url) : exact;
    return at < 0 ? [] : left.splice(at, 1).map((location) => ({ ...location, metadata }));
  });
  if (named.length < bodies.length || left.length > 0) throw fault(400, 'Original locations is not empty');
  return named;
}

async function replace(ctx: Context, api: V2Api, draft: Draft, bodies: readonly LocationBody[]): Promise<void> {
  refuseStatus('replace', draft.image, ['active', 'queued']);
  if (draft.locations.length > 0) {
    draft.locations = described(draft.locations, bodies);
    return;
  }
  for (const body of bodies) await add(ctx, api, draft, body, '-');
}

/** Each location counts as much as the image is large. Throws 413 when the owner has not so much left. */
async function allowanceFor(api: V2Api, image: Image, draft: Draft): Promise<StorageAllowance> {
  const allowance = api.storageLimit.for(image);
  const added = draft.locations.length - image.locations.length;
  try {
    if (added > 0) await allowance.cover(added * (draft.image.size ?? 0));
    return allowance;
  } catch (error) {
    await allowance.settle();
    if (isRegistryError(error, 'quota')) throw fault(413, `Image exceeds the storage quota: ${error.message}`);
    throw error;
  }
}

/**
 * What operations on an image's locations make of it: the first location of a queued image makes it active.
 * Throws 400, 403, 409 and 413 in the order of image-api-v2 section 2.2.
 */
export async function changeLocations(
  ctx: Context,
  api: V2Api,
  image: Image,
  operations: readonly LocationOperation[],
): Promise<LocationsChange> {
  const draft: Draft = { image, locations: [...image.locations], removed: [] };
  for (const operation of operations) {
    const removes = operation.op === 'remove-location';
    authorize(ctx, api, removes ? 'delete_image_location' : 'set_image_location', image);
    const verb = removes ? 'remove' : operation.op === 'add-location' ? 'add' : 'update';
    if (!api.view.locations) throw invisible(verb);
    if (operation.op === 'add-location') await add(ctx, api, draft, operation.location, operation.index);
    else if (operation.op === 'remove-location') removeAt(draft, operation.index);
    else await replace(ctx, api, draft, operation.locations);
  }
  const { status, size, checksum, hashAlgorithm, hashValue } = draft.image;
  const kept = new Set(draft.locations.map(({ url }) => url));
  const gone = draft.removed.filter(({ url }) => !kept.has(url));
  return {
    change: { locations: draft.locations, status, size, checksum, hashAlgorithm, hashValue },
    allowance: await allowanceFor(api, image, draft),
    removeBytes: () => api.locations.removeAll({ ...image, locations: gone }),
  };
}
