import type { Destination, RemoteImage } from './destination.js';
import type { SourceEntry } from './source-entry.js';

/** What a mirrored image says of where it came from (sync-and-manager section 1.8, step 9). It is also what makes it ours to change. */
export const PROVENANCE = {
  image: 'image_source',
  entry: 'image_sync_source',
  serial: 'image_sync_serial',
  /** `--set`, where one was given: two jobs that mirror two sets of one source do not prune each other's images. */
  set: 'image_sync_set',
  /** Since when the image is gone upstream, on those that `--prune` has hidden. ISO 8601. */
  gone: 'image_sync_gone',
  /** On an image that is not finished: who works on it. */
  pending: 'image_sync_pending',
  /** On an image that makes room for good: the name that it had. */
  replaced: 'image_sync_replaced',
} as const;

const NAMES: readonly string[] = Object.values(PROVENANCE);

/** A property that only we may write, in whatever way API v1 would take it for one: what a source says under such a name would make its images look like those of another. */
export function isProvenance(name: string): boolean {
  return NAMES.includes(asInV1(name));
}

/** API v1 keeps names in lower case and with underscores. */
export function asInV1(name: string): string {
  return name.toLowerCase().replaceAll('-', '_');
}

export function provenanceOf(
  { entry, imageSource, syncSource }: SourceEntry,
  set: string | undefined,
): Map<string, string> {
  return new Map([
    [PROVENANCE.image, imageSource],
    [PROVENANCE.entry, syncSource],
    ...(entry.version === undefined ? [] : [[PROVENANCE.serial, entry.version] as const]),
    ...(set === undefined ? [] : [[PROVENANCE.set, set] as const]),
  ]);
}

/** What makes an image one of this source's. */
export interface Ownership {
  /** See recordedBase. */
  readonly base: string;
  /** The project that images belong to: null for nobody's, undefined where nobody says. */
  readonly project: string | null | undefined;
}

/** What is ours at a destination. In a registry of our own nobody logs in, and images of projects are theirs all the same. */
export function ownershipAt({ api, project }: Pick<Destination, 'api' | 'project'>, base: string): Ownership {
  return { base, project: api === 'registry' ? (project ?? null) : project };
}

/** Whether an image is the project's own; where nobody knows the project, everything that can be seen is. */
export function isMine(image: RemoteImage, { project }: Pick<Ownership, 'project'>): boolean {
  return project === undefined || image.owner === project;
}

/** Whether an image was mirrored from this source, into this project. */
export function isManaged(image: RemoteImage, ownership: Ownership): boolean {
  return isMine(image, ownership) && (image.properties.get(PROVENANCE.entry)?.startsWith(ownership.base) ?? false);
}
