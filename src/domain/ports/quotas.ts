import type { ImageId } from '../image.js';

/** Storage of an owner: what its images occupy, and what running uploads have reserved. */
export interface StorageQuota {
  /**
   * Bytes that the owner's images occupy (size times number of locations, deleted images not counted) plus all reservations,
   * except the reservation of `apart`.
   */
  usage(owner: string | null, apart?: ImageId): Promise<number>;
  /**
   * Sets the image's reservation to `bytes`, or to what is left below `limit` (bytes) if that is less, and returns the reservation.
   * Transactional: parallel uploads cannot pass the limit together.
   */
  reserve(image: ImageId, owner: string | null, bytes: number, limit: number): Promise<number>;
  /** Drops the image's reservation, if there is one: the upload is over, whichever way. */
  settle(image: ImageId): Promise<void>;
}
