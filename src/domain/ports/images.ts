import type { Expected, Image, ImageChange, ImageId, ImageStatus, Visibility } from '../image.js';
import type { MemberStatus } from '../member.js';

/**
 * Whose eyes look at one image. An admin sees every image; a tenant its own, public, community and ownerless ones, and those shared with it;
 * the public (anonymous access) public ones alone.
 */
export type Viewer =
  | { readonly kind: 'public' }
  | { readonly kind: 'admin'; readonly seesDeleted: boolean }
  | { readonly kind: 'tenant'; readonly owner: string | null };

/**
 * One part of what a list may show; a list shows the union of its scope's branches, each image once.
 * Unions, because an OR over visibilities defeats every index (docs/adr: list queries).
 */
export type Branch =
  | { readonly of: 'everything' }
  | { readonly of: 'visibility'; readonly visibility: Visibility }
  | { readonly of: 'owner'; readonly owner: string; readonly visibility?: Visibility }
  /** Visibility `shared` and a membership of this tenant in one of these statuses (any, when left out). */
  | { readonly of: 'member'; readonly member: string; readonly statuses?: readonly MemberStatus[] }
  /** Visibility `shared` and at least one member, whoever it is (v1's admin without a tenant). */
  | { readonly of: 'shared-with-anyone' };

export type TextField =
  | 'id'
  | 'name'
  | 'status'
  | 'visibility'
  | 'owner'
  | 'diskFormat'
  | 'containerFormat'
  | 'checksum'
  | 'hashAlgorithm'
  | 'hashValue';
export type NumberField = 'size' | 'virtualSize' | 'minDisk' | 'minRam' | 'createdAt' | 'updatedAt';
export type FlagField = 'protected' | 'hidden' | 'deleted';
export type Comparison = 'eq' | 'neq' | 'gt' | 'gte' | 'lt' | 'lte';

/** All filters of a query must hold. Text compares by code point, case-sensitively. */
export type ImageFilter =
  | { readonly by: 'text'; readonly field: TextField; readonly in: readonly string[] }
  | { readonly by: 'not-text'; readonly field: TextField; readonly in: readonly string[] }
  | { readonly by: 'number'; readonly field: NumberField; readonly is: Comparison; readonly value: number }
  | { readonly by: 'flag'; readonly field: FlagField; readonly value: boolean }
  | { readonly by: 'property'; readonly name: string; readonly value: string }
  | { readonly by: 'tag'; readonly tag: string };

/**
 * Keys of the order. Text sorts by code point; an absent text counts as '', an absent number as 0,
 * in both directions and for markers (image-api-v1 section 4).
 */
export interface SortKey {
  readonly field: TextField | NumberField;
  readonly direction: 'asc' | 'desc';
}

export interface ImageQuery {
  readonly scope: readonly Branch[];
  readonly filters: readonly ImageFilter[];
  /** At least one key. The registry adds `createdAt` and `id` in the direction of the last key where they are missing, so that the order is total. */
  readonly sort: readonly SortKey[];
  /** Images of the page; 0 is an empty page. */
  readonly limit: number;
  /** The page starts right after this image, which may itself fall outside the filters and the scope. */
  readonly marker?: Image;
  /** Whether tombstones (deleted, pending_delete) are listed too. */
  readonly deleted: 'exclude' | 'include';
}

export interface Page<T> {
  readonly items: readonly T[];
  /** Whether at least one further item follows. */
  readonly more: boolean;
}

/** Durable record of images. Each method is one transaction. */
export interface ImageRegistry {
  /** Writes a new image. Throws duplicate, also for the id of a deleted or purged image: ids are never reused. */
  add(image: Image): Promise<void>;
  /** Throws not-found, also when the viewer may not see the image. */
  get(id: ImageId, viewer: Viewer): Promise<Image>;
  /** One page in a constant number of statements. Throws busy when the statement outlives its time limit. */
  list(query: ImageQuery): Promise<Page<Image>>;
  /**
   * Compare-and-swap: writes the change if `expected` still holds and returns the image after it.
   * Throws conflict when it does not hold, not-found when the image does not exist or is deleted.
   */
  change(id: ImageId, change: ImageChange, expected: Expected): Promise<Image>;
  /**
   * Turns the image into a tombstone: status `as`, deleted, deletedAt now; its members, tags and properties are gone.
   * Locations are kept (with status pending_delete when so deleted) so that whoever removes the bytes finds them.
   * Returns the image as it was before. Throws conflict when its status is not among `expected.status`, not-found when there is no such live image.
   */
  delete(id: ImageId, as: Extract<ImageStatus, 'deleted' | 'pending_delete'>, expected: Expected): Promise<Image>;
  /** Of these ids, how the registry knows them; ids that it never saw are left out. What a store's sweep goes by. */
  standing(ids: readonly ImageId[]): Promise<ReadonlyMap<ImageId, ImageStanding>>;
}

/** `stored`: has locations and is live, or pending delete (its bytes still wait for the scrubber); `in-progress`: an upload holds a lease on it; `empty`: known, but no bytes belong to it. */
export type ImageStanding = 'stored' | 'in-progress' | 'empty';
