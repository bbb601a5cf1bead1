/** An image as a destination shows it. */
export interface RemoteImage {
  readonly id: string;
  readonly name: string | null;
  /** As the API writes it: queued, saving, active, killed, deactivated, ... */
  readonly status: string;
  readonly visibility: 'public' | 'private' | 'shared' | 'community';
  /** The project that it belongs to. */
  readonly owner: string | null;
  /** Bytes. */
  readonly size: number | null;
  /** MD5 in hex. */
  readonly checksum: string | null;
  /** The multihash, which API v1 does not show. */
  readonly hashAlgorithm: string | null;
  readonly hashValue: string | null;
  readonly diskFormat: string | null;
  readonly containerFormat: string | null;
  /** GiB. */
  readonly minDisk: number;
  /** MiB. */
  readonly minRam: number;
  readonly protected: boolean;
  /** Left out of default lists; API v1 does not know it. */
  readonly hidden: boolean;
  /** In the order of the API; none over API v1. */
  readonly tags: readonly string[];
  /** Custom properties alone. What an API shows as null is an empty text here. */
  readonly properties: ReadonlyMap<string, string>;
}

/** What a new image is to be. */
export interface Draft {
  readonly name: string;
  readonly diskFormat: string;
  readonly containerFormat: string;
  /** GiB. */
  readonly minDisk: number;
  /** MiB. */
  readonly minRam: number;
  readonly properties: ReadonlyMap<string, string>;
  readonly tags: readonly string[];
  /** Not for `create`: what fails must be removable. The last change protects. */
  readonly protected: boolean;
  /** Neither for `create`; absent for not. */
  readonly hidden?: boolean;
}

/** A draft in the form in which a destination can keep it. */
export interface FittedDraft {
  readonly draft: Draft;
  /** What it loses on the way there, a sentence each. */
  readonly warnings: readonly string[];
}

/** What one change of an image sets; a field left out stays as it is. */
export interface RemoteChange {
  readonly name?: string;
  readonly visibility?: RemoteImage['visibility'];
  readonly hidden?: boolean;
  readonly protected?: boolean;
  /** GiB. */
  readonly minDisk?: number;
  /** MiB. */
  readonly minRam?: number;
  /** Properties that are added or get another value. */
  readonly set?: ReadonlyMap<string, string>;
  /** Properties that go; those that are not there are no error. */
  readonly unset?: readonly string[];
  /** The whole new set. */
  readonly tags?: readonly string[];
}

/**
 * Where images are mirrored to: a Glance over one of its APIs, or the registry of a configuration.
 * Every method throws SyncError: `destination` with the server's own words when it refuses, `unreachable` when it does not answer.
 * No secret is in an error.
 */
export interface Destination {
  readonly api: 'v2' | 'v1' | 'registry';
  /** The project that new images belong to; undefined where nobody says. */
  readonly project: string | undefined;
  /** A draft as this destination will show it, so that what is there can be compared with what is wanted. Asks nobody. */
  fit(draft: Draft): FittedDraft;
  /** All images that are visible here, page by page; hidden ones too where the API can. */
  list(): Promise<readonly RemoteImage[]>;
  /** Registers a private image without bytes and without protection, and resolves with its id. */
  create(draft: Draft): Promise<string>;
  /**
   * Brings the bytes of an image, and resolves with the image as it is shown after, active. Chunks are valid only until the next one is asked for.
   * `size` is in bytes; undefined where nobody knows. On failure or abort the image has no bytes, and is the caller's to remove.
   * Throws the reason of `signal`, and the very error that `bytes` throws.
   */
  upload(
    id: string,
    bytes: AsyncIterable<Uint8Array>,
    size: number | undefined,
    signal: AbortSignal,
  ): Promise<RemoteImage>;
  change(id: string, change: RemoteChange): Promise<void>;
  /** Removes an image that is not protected; one that is gone already is no error. */
  remove(id: string): Promise<void>;
  close(): Promise<void>;
}

/** Straight into the registry and the stores of a configuration. */
export interface RegistryDestinationOptions {
  readonly kind: 'registry';
  /** `--config-file` and `--config-dir`, in order. */
  readonly files: readonly string[];
  readonly dirs: readonly string[];
  /** The project that new images belong to; nobody's when undefined. */
  readonly owner: string | undefined;
}

/** Into a cloud, through its Image API. */
export interface CloudDestinationOptions {
  readonly kind: 'cloud';
  /** Name in clouds.yaml (`--os-cloud`, OS_CLOUD). */
  readonly cloud: string | undefined;
  /** What the command line and the environment say, by the names that cloud/access-settings.ts lists, each with where it was said. */
  readonly settings: ReadonlyMap<string, AccessSetting>;
  /** Where clouds.yaml is looked for. */
  readonly files: CloudFiles;
  /** The proxies for a service, by scheme. Throws SyncError usage for one that is none. */
  readonly proxiesFor: (url: URL) => Readonly<Record<string, URL>>;
}

export interface AccessSetting {
  readonly value: string;
  /** `OS_PASSWORD`, `--os-endpoint`: what errors call it. */
  readonly from: string;
}

export interface CloudFiles {
  readonly cwd: string;
  readonly home: string | undefined;
  /** XDG_CONFIG_HOME. */
  readonly configHome: string | undefined;
  /** OS_CLIENT_CONFIG_FILE, OS_CLIENT_SECURE_FILE and OS_CLIENT_VENDOR_FILE: looked at before all others. */
  readonly clouds: string | undefined;
  readonly secure: string | undefined;
  readonly vendor: string | undefined;
}

export type DestinationOptions = RegistryDestinationOptions | CloudDestinationOptions;
