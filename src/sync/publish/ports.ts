import type { Image } from '../../domain/image.js';
import type { Opened } from '../../domain/ports/store.js';

/** Where the images that may be published come from. */
export interface PublishSource {
  /** Every live image that may be published at all, as of one moment. Which of them are is the sets' business. */
  images(signal: AbortSignal): AsyncIterable<Image>;
  /** The bytes of one image, from the first of its locations that answers. Throws RegistryError when none does, or when the image is gone by now. */
  open(image: Image, signal: AbortSignal): Promise<Opened>;
  /** Whether the image is still there and active: one that was deleted while it was read is no failure. */
  isThere(image: Image): Promise<boolean>;
  close(): Promise<void>;
}

/** The order in which a target without atomic generations writes; what leaves goes last, in the opposite order. */
export const PHASES = ['data', 'sidecar', 'set', 'directory', 'products', 'index', 'info'] as const;
export type Phase = (typeof PHASES)[number];

/** What a file of a repository holds. */
export type FileContent =
  /** A blob of the pool, by the SHA-256 of its bytes (hex). */
  | { readonly blob: string; readonly size: number }
  | { readonly text: Uint8Array }
  /** What stood at this path in the generation before: it is in no list any more and stays for those who read an older one. A target that does not have it leaves it out. */
  | { readonly kept: true };

/** One finished file of a repository. Its path is relative to the root, with slashes, and safe. */
export interface RepositoryFile {
  readonly path: string;
  readonly phase: Phase;
  readonly content: FileContent;
  /** Whether these bytes are all that this path ever holds: caches may keep them, and a target need not write them twice. */
  readonly immutable: boolean;
}

/**
 * Where a repository is published: a folder or a bucket. Everything that is not for readers lives under names that begin with a dot.
 * Errors of the place itself (full, denied, not ours) are RegistryErrors that name the place, never a secret.
 */
export interface RepositoryTarget {
  /** For people: the folder or `s3://bucket/prefix`. */
  readonly name: string;
  /** Whether a second path of a blob costs no second copy of its bytes. `by-hash/` is published only there. */
  readonly links: boolean;
  /** One publisher at a time: rejects with RegistryError busy while another lives; that of a dead one is taken over. Resolves with what gives it back. */
  lock(): Promise<() => Promise<void>>;
  /** Removes what a killed publisher left. Called under the lock, before anything else. */
  repair(): Promise<void>;
  /** The number of the generation that readers see now; 0 before the first. */
  generation(): Promise<number>;
  /** The record that was handed to the `publish` whose generation readers see now; undefined before the first. */
  readState(): Promise<string | undefined>;
  /** A text that the publisher keeps for itself beside the generations (names: letters and hyphens); undefined when there is none. */
  readRecord(name: string): Promise<string | undefined>;
  /** Replaces such a text, all or nothing. */
  writeRecord(name: string, text: string): Promise<void>;
  /** Bytes of a blob of the pool; undefined when it is not there. */
  blobSize(sha256: string): Promise<number | undefined>;
  /** The bytes of a blob, for a second look before they are published. Throws not-found. */
  readBlob(sha256: string): AsyncIterable<Uint8Array>;
  /** Takes a damaged blob out of the pool. Quiet when it is not there. */
  removeBlob(sha256: string): Promise<void>;
  /**
   * Puts a blob into the pool, all or nothing; one that is there already stays as it is. `sealed` is asked when the bytes have ended, for their SHA-256 in hex;
   * when it rejects nothing is kept. Chunks are valid only until the next is asked for.
   */
  addBlob(bytes: AsyncIterable<Uint8Array>, sealed: () => Promise<string>, signal: AbortSignal): Promise<void>;
  /**
   * Makes `files` the whole of what readers see; `state` is what `readState` answers from then on. Readers see the generation before or this one.
   * The one before stays for those who are reading it. A rejection before the change was visible leaves the generation before.
   */
  publish(generation: number, files: readonly RepositoryFile[], state: string, signal: AbortSignal): Promise<void>;
  /** Replaces one file that no list names (the trace) in the generation that readers see. */
  touch(path: string, text: Uint8Array): Promise<void>;
  /**
   * Removes blobs and generations that nothing needs any more. Called at the end of every run. Where readers can stand in a generation that was replaced, it stays for `linger`
   * milliseconds; the last one before that which they see always does.
   */
  clean(linger: number): Promise<void>;
  /** Every path that readers see, for `--verify`; those of dot folders are left out. */
  paths(): AsyncIterable<string>;
  /** A file as a reader would see it, for `--verify`; undefined when it is not there. */
  read(path: string): Promise<AsyncIterable<Uint8Array> | undefined>;
  close(): Promise<void>;
}
