import { createHash } from 'node:crypto';
import { shownUrl } from '../../net/url-rules.js';
import { DIGEST_ALGORITHMS, type Digests } from '../formats/digests.js';
import { shown } from '../formats/shown.js';
import type { SyncEntry } from '../formats/sync-entry.js';
import { SyncError } from '../sync-error.js';
import { type OriginRules, originOf } from './origins.js';
import type { WantedDigest } from './wanted-digests.js';

/** An image that a source offers. */
export interface SourceEntry {
  readonly entry: SyncEntry;
  /** What reports call it: the path of its `.properties` file, or its place in a products file. */
  readonly label: string;
  /** Where its bytes are. */
  readonly image: URL;
  /** Hashes of the stored bytes that the directory gives. */
  readonly listed: readonly WantedDigest[];
  /** `image_source`: where its bytes came from, without credentials. */
  readonly imageSource: string;
  /** `image_sync_source`: where it was described. It is what the image is known by from then on. */
  readonly syncSource: string;
  /** What the versions of one image share. */
  readonly product: string;
  /** Where the source offers an image in several files: those with the same `of` are one image, and the smallest rank that is wanted is taken. */
  readonly choice?: { readonly of: string; readonly rank: number };
  /** What `--filter` sees. */
  readonly fields: ReadonlyMap<string, string>;
}

/** The source as it is written on images, and the place of everything in it. */
export interface SourcePlace {
  readonly origins: OriginRules;
  /** The root of the repository: paths of directories begin here. Ends with a slash. */
  readonly base: URL;
  /** False where the root is not known: a single `.properties` file may lie anywhere in its repository. */
  readonly rooted: boolean;
}

/** What every `image_sync_source` of a source begins with. */
export function recordedBase({ base }: Pick<SourcePlace, 'base'>): string {
  if (base.protocol !== 'file:') return shownUrl(base);
  // The folders of this host are nobody's business, and yet two sources must not be taken for one.
  const name = base.pathname.split('/').findLast((segment) => segment !== '') ?? '';
  return `file:${name}~${createHash('sha256').update(base.pathname).digest('hex').slice(0, 12)}/`;
}

/** A URL as it is written on images: without credentials, query and the folders of this host. */
export function recordedUrl(url: URL, place: Pick<SourcePlace, 'base'>): string {
  if (url.protocol !== 'file:') return shownUrl(url);
  const { pathname } = place.base;
  const path = url.pathname.startsWith(pathname) ? url.pathname.slice(pathname.length) : url.pathname.split('/').at(-1);
  return recordedBase(place) + path;
}

/**
 * Where the bytes of an image are, which its `.properties` file at `from` refers to. Throws SyncError refused for a reference that climbs out of the repository
 * or leads to another origin.
 */
export function imageUrl(reference: string, from: URL, { origins, base, rooted }: SourcePlace): URL {
  const url = new URL(reference, from);
  url.hash = '';
  const relative = !/^(?:[a-z][a-z0-9+.-]*:|[/\\])/i.test(reference);
  if (rooted && relative && !url.pathname.startsWith(base.pathname)) {
    throw new SyncError('refused', `the image ${shown(reference)} climbs out of the repository`);
  }
  // Those of the source are sent to its own origin; those that a file writes down are nobody's.
  url.username = '';
  url.password = '';
  originOf(url, origins);
  return url;
}

/** Hashes as a statement of somebody. */
export function stated(digests: Digests, from: string): readonly WantedDigest[] {
  return DIGEST_ALGORITHMS.flatMap((algorithm) => {
    const value = digests[algorithm];
    return value === undefined ? [] : [{ algorithm, value, from }];
  });
}

/** Bytes of the image, where anybody says. */
export function announcedSize({ entry }: SourceEntry): number | undefined {
  return entry.size ?? (entry.expand === 'none' ? entry.stored.size : undefined);
}

/** Hashes of the image that are known, of the stored bytes too where those are the image. */
export function imageDigests({ entry, listed }: SourceEntry): ReadonlyMap<string, string> {
  const known = [...listed, ...stated(entry.stored.digests, '')];
  return new Map(
    [...(entry.expand === 'none' ? known : []), ...stated(entry.expanded, '')].map(({ algorithm, value }) => [
      algorithm,
      value,
    ]),
  );
}

/**
 * What the versions of one image share: the place of its description without the serial. Where there is no serial, the name says what is a version of what.
 */
export function productOf(syncSource: string, { name, version }: SyncEntry): string {
  return version === undefined ? `name:${name}` : withoutSerial(syncSource, version);
}

/** A place with its serial masked, where it stands alone: `/20261120/`, not the digits within a longer number. */
export function withoutSerial(place: string, serial: string): string {
  const literal = serial.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
  return place.replace(new RegExp(`(?<![\\p{L}\\p{N}])${literal}(?![\\p{L}\\p{N}])`, 'gu'), '*');
}

/** The order of serials, oldest first: numbers in them count as numbers (`20261120.9` is before `20261120.10`). */
export function compareSerials(one: string | undefined, other: string | undefined): number {
  return SERIALS.compare(one ?? '', other ?? '');
}

const SERIALS = new Intl.Collator('en', { numeric: true });

/** What filters see of an entry; names of properties are theirs, and `name`, `version`, `set`, `tag`, `expand` those of the entry. */
export function fieldsOf(entry: SyncEntry): ReadonlyMap<string, string> {
  return new Map([
    ...entry.properties,
    ...entry.attributes,
    ['name', entry.name],
    ['version', entry.version ?? ''],
    ['set', entry.sets.join(',')],
    ['tags', entry.tags.join(',')],
    ['expand', entry.expand],
  ]);
}
