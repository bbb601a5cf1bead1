import type { Encoding } from '../../compression/encoding.js';
import type { Digests } from '../formats/digests.js';

/** One stored file of an image. */
export interface PublishedFile {
  /** From the root of the repository. */
  readonly path: string;
  readonly encoding: Encoding;
  /** Bytes as stored. */
  readonly size: number;
  /** Of the bytes as stored. */
  readonly digests: Digests;
}

/** One version of an image, as it is published. */
export interface PublishedImage {
  /** As in the registry; '' when it has none. */
  readonly name: string;
  /** `os:release:architecture:variant`: what versions of one image share. */
  readonly product: string;
  /** Serial: `YYYYMMDD`, then `YYYYMMDD.1`, ...; sorts in the C locale. */
  readonly version: string;
  readonly os: string;
  readonly release: string;
  /** As in Debian: amd64, arm64, ... */
  readonly architecture: string;
  readonly variant: string;
  /** Names of the sets that it is in. */
  readonly sets: readonly string[];
  /** Bytes, expanded. */
  readonly size: number;
  /** Of the expanded bytes. */
  readonly expanded: Digests;
  readonly virtualSize?: number;
  readonly diskFormat: string;
  readonly containerFormat: string;
  /** GiB. */
  readonly minDisk: number;
  /** MiB. */
  readonly minRam: number;
  /** At least one; the first is the one that the sidecar names. */
  readonly files: readonly PublishedFile[];
  /** Path of the `.properties` file. */
  readonly sidecar: string;
  /** Path of the Metalink file; only where the base URL is known. */
  readonly metalink?: string;
  /** What the sidecar says of it beside the attributes, without the keys of synchronization. */
  readonly properties: ReadonlyMap<string, string>;
  readonly tags: readonly string[];
  /** When the image was last changed in the registry. */
  readonly updatedAt: Date;
}

export interface PublishedSet {
  readonly name: string;
  /** `<domain>:<channel>:download`, the content id in simplestreams. */
  readonly contentId: string;
  /** Path of its simplestreams products file. */
  readonly products: string;
  /** Paths of its directory files: `sets/<name>.SHA256SUMS`, ... */
  readonly directories: readonly string[];
  /** Images in it. */
  readonly images: number;
}

/** What pages and feeds show of one generation of a repository. Pure data: rendering it twice gives the same bytes. */
export interface RepositoryView {
  /** Who publishes, in people's words. */
  readonly publisher: string;
  readonly domain: string;
  readonly generation: number;
  readonly updated: Date;
  readonly expires: Date;
  /** With a slash at its end; undefined when the repository does not know where it is served. */
  readonly baseUrl?: string;
  readonly keys: {
    /** Fingerprints in hex (OpenPGP) and key ids (minisign). */
    readonly fingerprints: readonly string[];
    /** Path of the armoured public keys. */
    readonly openpgp?: string;
    /** Paths and base64 texts of the minisign public keys. */
    readonly minisign: readonly { readonly path: string; readonly key: string }[];
  };
  readonly sets: readonly PublishedSet[];
  /** By product, and the newest version first. */
  readonly images: readonly PublishedImage[];
}
