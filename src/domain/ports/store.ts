import type { ImageId } from '../image.js';
import type { Location } from '../location.js';
import type { ImageStanding } from './images.js';

/** Bytes [start, end], both inclusive, of the object. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

export interface Stored {
  readonly url: string;
  /** Bytes written. */
  readonly size: number;
}

/**
 * Bytes on their way out. The chunks of `bytes` are valid only until the next one is asked for; leaving the loop early closes the source.
 * `file` is an optional power: the open file behind the bytes, for the sender's fast path. Whoever uses it calls `close` instead of reading `bytes`.
 */
export interface Opened {
  readonly bytes: AsyncIterable<Uint8Array>;
  /** Bytes of the whole object, whatever the range; undefined when the source does not say. */
  readonly size: number | undefined;
  /** The source's own strong validator of the whole object, where it gives one: the value of its `ETag`, quotes included. */
  readonly etag?: string;
  readonly file?: { readonly fd: number; readonly start: number; readonly length: number };
  close(): Promise<void>;
}

/** What a put may use. `size` (bytes) is what the client announced, absent for a chunked body; `worker` marks temp files. */
export interface PutHint {
  readonly size?: number;
  /** The project that owns the image, for stores that keep each project's bytes apart. */
  readonly owner?: string | null;
  readonly worker: string;
  readonly signal: AbortSignal;
}

/** What an administrator is told of a store (image-api-v2 section 2.8). */
export interface StoreDescription {
  /** Glance's word: `file`, `s3`, `swift`, `http`. */
  readonly type: string;
  /** By the names of the store's options; never a secret. */
  readonly properties: Readonly<Record<string, string | number | boolean>>;
}

/** Bytes under a location. */
export interface Store {
  /** Id in the configuration: `file`, `http`, or the name of a backend. */
  readonly id: string;
  /** Schemes of the locations that it serves; the first is the one it writes. */
  readonly schemes: readonly string[];
  readonly can: { readonly write: boolean; readonly range: boolean; readonly remove: boolean };
  readonly description: StoreDescription;
  /** Whether a location names a place of this very store (its folder, its bucket), not only one of its scheme. */
  owns(location: Location): boolean;
  /**
   * All or nothing: on error or abort nothing remains, and nothing is visible before the promise resolves.
   * Each chunk is valid only until the next one is asked for: a store that keeps bytes longer copies them.
   * Throws duplicate when the key is taken, storage-full, storage-denied, storage-disabled, storage-unavailable.
   */
  put(key: ImageId, bytes: AsyncIterable<Uint8Array>, hint: PutHint): Promise<Stored>;
  /** Throws not-found, storage-unavailable, storage-denied, invalid (a location that is not this store's), range. */
  open(location: Location, range: ByteRange | undefined, signal: AbortSignal): Promise<Opened>;
  /** Bytes of the object; undefined when the store cannot say. Throws as open does. */
  size(location: Location): Promise<number | undefined>;
  /** Throws not-found, in-use, storage-denied, storage-unavailable. */
  remove(location: Location): Promise<void>;
  /** Removes what no image owns: temp files of workers that are gone, and objects whose image is known and has no bytes. Objects of ids that the registry never saw are left and counted. */
  sweep?(registry: SweepGuide): Promise<SweepReport>;
  /** Removes what an upload of this key that never finished may have left, by any worker but the living. Quiet when there is nothing. */
  discard(key: ImageId, worker: string): Promise<void>;
  /** A URL by which anybody may read the object for so many seconds, straight from where it is; undefined when none can be made. */
  signedUrl?(location: Location, seconds: number): Promise<string | undefined>;
  /** The file that holds the bytes, for a web server in front that reads it by itself. Throws invalid. */
  filePath?(location: Location): string;
  close(): Promise<void>;
}

export interface SweepGuide {
  standing(ids: readonly ImageId[]): Promise<ReadonlyMap<ImageId, ImageStanding>>;
  aliveWorkers(workers: readonly string[]): Promise<ReadonlySet<string>>;
}

export interface SweepReport {
  readonly removed: number;
  readonly unknown: number;
}
