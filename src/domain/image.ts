import type { Location } from './location.js';
import type { Microseconds } from './time.js';

/** A UUID as the client gave it (canonical, upper-case or without hyphens: Glance takes all three) or as the server made it. */
export type ImageId = string;

const UUID = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i;

/** Whether a text can be the id of an image: a UUID, hyphens and case as they please, but no braces or prefix. */
export function isImageId(text: string): boolean {
  return UUID.test(text);
}

export const IMAGE_STATUSES = [
  'queued',
  'saving',
  'uploading',
  'importing',
  'active',
  'deactivated',
  'killed',
  'pending_delete',
  'deleted',
] as const;
export type ImageStatus = (typeof IMAGE_STATUSES)[number];

export const VISIBILITIES = ['public', 'private', 'shared', 'community'] as const;
export type Visibility = (typeof VISIBILITIES)[number];

/** Custom properties. Only API v1 can store a null value (an empty header); v2 shows it as ''. */
export type Properties = ReadonlyMap<string, string | null>;

/** One image as the registry knows it; the same entity behind API v1 and v2. */
export interface Image {
  readonly id: ImageId;
  readonly name: string | null;
  readonly status: ImageStatus;
  readonly visibility: Visibility;
  readonly owner: string | null;
  readonly protected: boolean;
  /** v2's os_hidden: left out of default lists, still reachable by id. */
  readonly hidden: boolean;
  readonly diskFormat: string | null;
  readonly containerFormat: string | null;
  /** Bytes; null where v2 knows no size yet (v1 shows 0). At most 2^53 - 1. */
  readonly size: number | null;
  /** Bytes of the disk that the guest sees. */
  readonly virtualSize: number | null;
  /** MD5 in hex, or what the client announced before an upload. */
  readonly checksum: string | null;
  readonly hashAlgorithm: string | null;
  readonly hashValue: string | null;
  /** GiB. */
  readonly minDisk: number;
  /** MiB. */
  readonly minRam: number;
  readonly createdAt: Microseconds;
  readonly updatedAt: Microseconds;
  readonly deletedAt: Microseconds | null;
  /** True for tombstones: deleted images and those pending delete. */
  readonly deleted: boolean;
  readonly properties: Properties;
  readonly tags: ReadonlySet<string>;
  readonly locations: readonly Location[];
  /** Grows by one with every change: what a read-modify-write compares. */
  readonly revision: number;
}

/** What one change of an image sets; a field left out stays as it is. `updatedAt` and `revision` move by themselves. */
export interface ImageChange {
  readonly name?: string | null;
  readonly status?: ImageStatus;
  readonly visibility?: Visibility;
  readonly owner?: string | null;
  readonly protected?: boolean;
  readonly hidden?: boolean;
  readonly diskFormat?: string | null;
  readonly containerFormat?: string | null;
  readonly size?: number | null;
  readonly virtualSize?: number | null;
  readonly checksum?: string | null;
  readonly hashAlgorithm?: string | null;
  readonly hashValue?: string | null;
  readonly minDisk?: number;
  readonly minRam?: number;
  /** `purge` drops every property that `set` does not name. */
  readonly properties?: { readonly set: Properties; readonly purge: boolean };
  /** The whole new set. */
  readonly tags?: ReadonlySet<string>;
  /** The whole new list, in order. */
  readonly locations?: readonly Location[];
}

/** What must still be true when a change is written, else the change fails with a conflict and nothing is written. */
export interface Expected {
  readonly status?: readonly ImageStatus[];
  readonly revision?: number;
}
