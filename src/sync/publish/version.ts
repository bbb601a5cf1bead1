import { createHash } from 'node:crypto';
import { EXTENSIONS } from '../../compression/encoding.js';
import type { Image } from '../../domain/image.js';
import { exportCommon } from '../formats/common-properties.js';
import { assertImageName } from '../formats/image-name.js';
import { writeSyncEntry } from '../formats/sync-entry.js';
import type { Candidate } from './candidates.js';
import type { Blob, BlobDigests } from './known-blobs.js';
import { slug, stemOf } from './naming.js';
import type { PublishedImage } from './repository-view.js';
import type { Ledger } from './serials.js';
import { tagOf } from './sets.js';
import { reversedDomain } from './settings.js';

/** One version of an image, ready to be listed: the files under its folder never change. */
export interface Version {
  readonly image: Image;
  readonly shown: PublishedImage;
  /** `images/<product>/<serial>` */
  readonly folder: string;
  /** `<product>/<serial>`, by which the ledger knows it. */
  readonly place: string;
  readonly sidecar: Uint8Array;
  readonly blobs: readonly { readonly path: string; readonly blob: Blob }[];
}

export interface VersionParts {
  readonly candidate: Candidate;
  /** In the order of the candidate's encodings; at least one. */
  readonly blobs: readonly [Blob, ...Blob[]];
  readonly ledger: Ledger;
  /** Begins the product's name. */
  readonly domain: string;
  readonly now: Date;
}

/** What of an image's properties is the installation's own, or an older mirror's, and nobody else's business. */
const INTERNAL = /^(?:os_glance_|owner_specified\.openstack\.|image_sync_|locations$|stores$)/;

/**
 * Gives the image's bytes and properties a place that is theirs alone. The same bytes and properties get the same place again;
 * anything else gets the next serial. Throws SyncError invalid for properties that no `.properties` file can say, and for a name that mirrors refuse.
 */
export function makeVersion({ candidate, blobs, ledger, domain, now }: VersionParts): Version {
  const { image, product, day } = candidate;
  const name = image.name ?? '';
  // One without a name gets that of its file from readers.
  if (name !== '') assertImageName(name);
  const stem = stemOf(name);
  const [first] = blobs;
  const format = slug(image.diskFormat ?? '') || 'img';
  const fileOf = (blob: Blob): string => `${stem}.${format}${EXTENSIONS[blob.encoding]}`;
  const said = sidecarOf(image, first, fileOf(first));
  const print = createHash('sha256')
    .update(said(''))
    .update([stem, ...blobs.map((blob) => `${blob.encoding} ${blob.stored.sha256}`)].join('\n'))
    .digest('hex');
  const serial = ledger.claim(candidate.folder, day, image.id, print, now);
  const place = `${candidate.folder}/${serial}`;
  const folder = `images/${place}`;
  const properties = propertiesOf(image);
  const { os, release, architecture, variant } = product;
  return {
    image,
    folder,
    place,
    sidecar: Buffer.from(said(serial)),
    blobs: blobs.map((blob) => ({ path: `${folder}/${fileOf(blob)}`, blob })),
    shown: {
      name,
      product: [reversedDomain({ domain }), os, release, architecture, variant].join(':'),
      version: serial,
      ...product,
      sets: candidate.sets.map((set) => set.name),
      size: first.expandedSize,
      expanded: first.expanded,
      ...(image.virtualSize === null ? {} : { virtualSize: image.virtualSize }),
      diskFormat: image.diskFormat ?? '',
      containerFormat: image.containerFormat ?? '',
      minDisk: image.minDisk,
      minRam: image.minRam,
      files: blobs.map((blob) => ({
        path: `${folder}/${fileOf(blob)}`,
        encoding: blob.encoding,
        size: blob.size,
        digests: blob.stored,
      })),
      sidecar: `${folder}/${stem}.properties`,
      properties: new Map([...properties, ...exportCommon(properties)]),
      tags: tagsOf(image, candidate),
      updatedAt: new Date(image.updatedAt / 1000),
    },
  };

  /** The text of the sidecar, by serial. */
  function sidecarOf(from: Image, { encoding, expandedSize, expanded, size, stored }: Blob, file: string) {
    const own = propertiesOf(from);
    const derived = exportCommon(own);
    return (version: string): string =>
      writeSyncEntry({
        name,
        image: file,
        expand: encoding,
        size: expandedSize,
        expanded,
        stored: encoding === 'none' ? { digests: {} } : { size, digests: stored },
        ...(from.virtualSize === null ? {} : { virtualSize: from.virtualSize }),
        ...(version === '' ? {} : { version }),
        // Sets are metadata over the same files: an image that joins one is no other image.
        sets: [],
        tags: tagsOf(from, candidate),
        protected: from.protected,
        ...(from.hidden ? { hidden: true } : {}),
        derived: [...derived.keys()],
        attributes: attributesOf(from),
        properties: new Map([...own, ...derived]),
      });
  }
}

function attributesOf(image: Image): ReadonlyMap<string, string> {
  const { diskFormat, containerFormat, visibility, minDisk, minRam } = image;
  return new Map([
    ...(diskFormat === null ? [] : [['disk_format', diskFormat] as const]),
    ...(containerFormat === null ? [] : [['container_format', containerFormat] as const]),
    ['is_public', visibility === 'public' ? 'True' : 'False'],
    ['min_disk', String(minDisk)],
    ['min_ram', String(minRam)],
  ]);
}

function propertiesOf({ properties }: Image): ReadonlyMap<string, string> {
  // Where a mirrored image came from is told by who mirrors it next; on others `image_source` is a property like any.
  const mirrored = properties.has('image_sync_source');
  return new Map(
    [...properties].flatMap(([name, value]) =>
      INTERNAL.test(name) || (mirrored && name === 'image_source') ? [] : [[name, value ?? ''] as const],
    ),
  );
}

/** Tags that give an image to a set are this repository's business: elsewhere they could give it to another. */
function tagsOf({ tags }: Image, { sets }: Candidate): readonly string[] {
  const ours = new Set(sets.map(({ name }) => tagOf(name)));
  return [...tags].filter((tag) => !ours.has(tag)).sort();
}

/** Digests of a text that was made in memory. */
export function digestsOf(bytes: Uint8Array): BlobDigests {
  const hex = (algorithm: string): string => createHash(algorithm).update(bytes).digest('hex');
  return { md5: hex('md5'), sha256: hex('sha256'), sha512: hex('sha512') };
}
