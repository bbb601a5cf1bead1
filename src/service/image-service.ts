import { randomUUID } from 'node:crypto';
import { mayChange, viewerOf } from '../domain/access.js';
import type { Actor } from '../domain/actor.js';
import { isRegistryError, RegistryError } from '../domain/errors.js';
import {
  type Image,
  type ImageChange,
  type ImageId,
  type ImageStatus,
  isImageId,
  type Properties,
} from '../domain/image.js';
import type { Clock } from '../domain/ports/clock.js';
import type { ImageQuery, ImageRegistry, Page } from '../domain/ports/images.js';
import type { StorageQuota } from '../domain/ports/quotas.js';
import type { Microseconds } from '../domain/time.js';
import type { LocationHashes } from './location-hashes.js';
import type { Locations } from './locations.js';

/** What a client may say of a new image; everything else is the server's. */
export interface ImageDraft extends Omit<ImageChange, 'properties' | 'locations' | 'status'> {
  readonly id?: ImageId;
  readonly properties?: Properties;
  readonly createdAt?: Microseconds;
  readonly updatedAt?: Microseconds;
  /** v1 takes a client's word for it: such an image is born a tombstone. */
  readonly deleted?: boolean;
  readonly status: 'queued' | 'active';
}

export interface ImageServiceOptions {
  readonly images: ImageRegistry;
  readonly quotas: StorageQuota;
  readonly locations: Locations;
  readonly hashes: LocationHashes;
  readonly clock: Clock;
  /** `delayed_delete`: deleted images wait for the scrubber. */
  readonly delayedDelete: boolean;
  /** `image_property_quota`; negative is unlimited. */
  readonly propertyQuota: number;
}

const INT_MAX = 2_147_483_647;

/** Throws invalid where a value does not fit the registry. */
function checkRanges(change: Pick<ImageChange, 'minDisk' | 'minRam' | 'size' | 'virtualSize'>): void {
  for (const [name, value] of [
    ['min_disk', change.minDisk],
    ['min_ram', change.minRam],
  ] as const) {
    if (value !== undefined && value > INT_MAX) {
      throw new RegistryError('invalid', `'${name}' value out of range, must not exceed ${INT_MAX}.`);
    }
  }
  for (const [name, value] of [
    ['size', change.size],
    ['virtual_size', change.virtualSize],
  ] as const) {
    if (typeof value === 'number' && !Number.isSafeInteger(value)) {
      throw new RegistryError('invalid', `'${name}' value out of range, must not exceed ${Number.MAX_SAFE_INTEGER}.`);
    }
  }
}

/** Whoever sees an image of API v2 may know that it is someone else's. Policies may say no before, never yes against this. */
export function refuseForeign(actor: Actor, image: Image): void {
  if (!mayChange(actor, image)) throw new RegistryError('forbidden', 'You do not own this image');
}

/** Images without their bytes: what both APIs do with them, after the codec has read the request and asked the policy. */
export class ImageService {
  constructor(private readonly options: ImageServiceOptions) {}

  /**
   * Registers an image. Owner: the actor's own, but an admin may name another.
   * Throws invalid (id, ranges), duplicate, quota.
   */
  async register(actor: Actor, draft: ImageDraft): Promise<Image> {
    const { images, clock } = this.options;
    const { id = randomUUID(), properties = new Map(), createdAt, updatedAt, tags, owner, status, ...fields } = draft;
    if (!isImageId(id)) throw new RegistryError('invalid', 'Invalid image id format');
    checkRanges(draft);
    this.checkProperties(properties);
    const image: Image = {
      name: null,
      visibility: 'shared',
      protected: false,
      hidden: false,
      diskFormat: null,
      containerFormat: null,
      size: null,
      virtualSize: null,
      checksum: null,
      hashAlgorithm: null,
      hashValue: null,
      minDisk: 0,
      minRam: 0,
      ...fields,
      id,
      status,
      owner: actor.isAdmin && owner !== undefined ? owner : actor.owner,
      createdAt: createdAt ?? clock.now(),
      updatedAt: updatedAt ?? clock.now(),
      deletedAt: null,
      deleted: draft.deleted ?? false,
      properties,
      tags: tags ?? new Set(),
      locations: [],
      revision: 1,
    };
    await images.add(image);
    return image;
  }

  /** An image that is not deleted. Throws not-found, also for what the actor may not see. */
  show(actor: Actor, id: ImageId): Promise<Image> {
    return this.options.images.get(id, viewerOf(actor, false));
  }

  /** The same, but an admin also sees deleted images (API v1). */
  showAny(actor: Actor, id: ImageId): Promise<Image> {
    return this.options.images.get(id, viewerOf(actor, true));
  }

  list(query: ImageQuery): Promise<Page<Image>> {
    return this.options.images.list(query);
  }

  /**
   * Changes an image that the actor sees. An owner other than an admin cannot give it away.
   * Throws forbidden for someone else's public image, not-found for any other of someone else's, invalid, quota, conflict.
   */
  async update(actor: Actor, image: Image, change: ImageChange): Promise<Image> {
    this.refuseStranger(actor, image);
    checkRanges(change);
    if (change.properties !== undefined) {
      const { set, purge } = change.properties;
      this.checkProperties(purge ? set : new Map([...image.properties, ...set]));
    }
    const { owner, ...rest } = change;
    const allowed: ImageChange = actor.isAdmin && owner !== undefined ? change : rest;
    return this.options.images.change(image.id, allowed, { status: [image.status] });
  }

  /**
   * Deletes an image that the actor sees and its bytes, or leaves the bytes to the scrubber with `delayed_delete`.
   * Throws forbidden (protected, pending delete, someone else's public image), not-found, conflict.
   */
  async delete(actor: Actor, image: Image): Promise<void> {
    if (image.protected) throw new RegistryError('forbidden', 'Image is protected');
    if (image.status === 'pending_delete') {
      throw new RegistryError('forbidden', 'Forbidden to delete a pending_delete image.');
    }
    if (image.deleted) throw new RegistryError('not-found', `Image ${image.id} not found.`);
    this.refuseStranger(actor, image);
    const later = this.options.delayedDelete && image.locations.length > 0;
    const before = await this.tombstone(image, later ? 'pending_delete' : 'deleted');
    this.options.hashes.cancel(image.id);
    await this.options.quotas.settle(image.id);
    if (!later) await this.options.locations.removeAll(before);
  }

  /** Moves an image to another status. Throws forbidden for someone else's image, conflict when it is not in the status that was read. */
  setStatus(actor: Actor, image: Image, status: ImageStatus): Promise<Image> {
    refuseForeign(actor, image);
    return this.options.images.change(image.id, { status }, { status: [image.status] });
  }

  /**
   * Writes a change that was made of the image as it was read. Quotas are the caller's to check.
   * Throws forbidden for someone else's image, invalid, and conflict when the image has changed since.
   */
  async amend(actor: Actor, image: Image, change: ImageChange): Promise<Image> {
    refuseForeign(actor, image);
    checkRanges(change);
    return this.options.images.change(image.id, change, { revision: image.revision });
  }

  /** What moves under the delete (an upload that ends) is no reason to refuse it, unless it is protection: the image is read anew. */
  private async tombstone(image: Image, as: 'pending_delete' | 'deleted'): Promise<Image> {
    const { images } = this.options;
    for (let current = image, attempt = 0; ; attempt += 1) {
      try {
        return await images.delete(current.id, as, { revision: current.revision });
      } catch (error) {
        if (!isRegistryError(error, 'conflict') || attempt === 4) throw error;
        current = await images.get(image.id, { kind: 'admin', seesDeleted: false });
        if (current.protected) throw new RegistryError('forbidden', 'Image is protected');
      }
    }
  }

  private refuseStranger(actor: Actor, image: Image): void {
    if (mayChange(actor, image)) return;
    const seenByAll = image.visibility === 'public' || image.visibility === 'community';
    if (seenByAll && image.owner !== null) throw new RegistryError('forbidden', '');
    throw new RegistryError('not-found', 'Image not found');
  }

  /** Throws quota for more properties than one image may have. */
  checkProperties(properties: Properties): void {
    const { propertyQuota } = this.options;
    if (propertyQuota < 0 || properties.size <= propertyQuota) return;
    throw new RegistryError(
      'quota',
      'The limit has been exceeded on the number of allowed image properties. ' +
        `Attempted: ${properties.size}, Maximum: ${propertyQuota}`,
    );
  }
}
