import type { Encoding } from '../../compression/encoding.js';
import type { Digests } from './digests.js';

/** One `.properties` file of a repository: an image, where its bytes are, and what they must be (sync-and-manager sections 1.2 and 1.7). */
export interface SyncEntry {
  /** The image's name before a prefix is applied. */
  readonly name: string;
  /** Reference of the data file, as written: relative to the URL of the `.properties` file, an absolute path, or a URL. */
  readonly image: string;
  /** The encoding of the data file. */
  readonly expand: Encoding;
  /** Bytes of the image, that is after expansion. */
  readonly size?: number;
  /** Hashes of the image, that is after expansion. */
  readonly expanded: Digests;
  /** Bytes and hashes of the data file as it is stored. */
  readonly stored: { readonly size?: number; readonly digests: Digests };
  /** Bytes of the disk that the guest sees. */
  readonly virtualSize?: number;
  /** The serial, `YYYYMMDD[.N]` from our publisher. */
  readonly version?: string;
  readonly sets: readonly string[];
  /** Name of the older image that this one takes the place of. */
  readonly replaces?: string;
  readonly tags: readonly string[];
  readonly protected: boolean;
  /** Keys that the publisher derived from other properties; the reader leaves them out, so that a round trip adds none. */
  readonly derived: readonly string[];
  /** Of the image's own attributes those that are the mirror's to say: see ENTRY_ATTRIBUTES. */
  readonly attributes: ReadonlyMap<EntryAttribute, string>;
  /** Custom properties. */
  readonly properties: ReadonlyMap<string, string>;
  /** What was ignored, a sentence each. */
  readonly warnings: readonly string[];
}

/** `is_public` is `True` or `False`; `min_disk` (GiB) and `min_ram` (MiB) are decimal numbers. */
export const ENTRY_ATTRIBUTES = ['disk_format', 'container_format', 'is_public', 'min_disk', 'min_ram'] as const;

export type EntryAttribute = (typeof ENTRY_ATTRIBUTES)[number];
