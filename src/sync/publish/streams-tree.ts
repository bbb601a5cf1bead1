import { EXTENSIONS } from '../../compression/encoding.js';
import type { Fingerprints } from './fingerprints.js';
import type { Blob } from './known-blobs.js';
import { stemOf } from './naming.js';
import { ftypeOf, isContainerMetadata, isContainerRoot, originOf, type StreamsOrigin } from './streams-origin.js';
import type { Version } from './version.js';

export type Fields = Record<string, unknown>;

/** One file of an image in simplestreams, and where it stands there. */
export interface StreamItem {
  readonly product: string;
  readonly version: string;
  readonly item: string;
  /** What all items of the product say. */
  readonly productFields: Fields;
  readonly versionFields: Fields;
  readonly fields: Fields;
  readonly blob: Blob;
}

const PRODUCT_FIELDS = [
  'aliases',
  'arch',
  'lxd_requirements',
  'os',
  'release',
  'release_codename',
  'release_title',
  'requirements',
  'support_eol',
  'supported',
  'variant',
  'version',
];
const VERSION_FIELDS = ['label', 'pubname'];

/** As Debian names them. */
const ARCHITECTURE = /^(?:amd64|arm64|armhf|armel|i386|ppc64el|s390x|riscv64|loong64|mips64el)$/;

/** What clients of LXD and Incus look for on a metadata file, by the kind of the root file. */
const COMBINED: Readonly<Record<string, readonly string[]>> = {
  squashfs: ['combined_squashfs_sha256'],
  'root.squashfs': ['combined_squashfs_sha256'],
  'root.tar.xz': ['combined_rootxz_sha256', 'combined_sha256'],
  'disk-kvm.img': ['combined_disk-kvm-img_sha256'],
  'disk1.img': ['combined_disk1-img_sha256'],
  'uefi1.img': ['combined_uefi1-img_sha256'],
};

/**
 * Every file of these versions as an item of simplestreams. Images that came from a mirror go back to where they stood there, unless
 * another image stands there already; others are items of a product and a version of their own.
 */
export async function streamItems(
  versions: readonly Version[],
  fingerprints: Fingerprints,
): Promise<readonly StreamItem[]> {
  const taken = new Set<string>();
  const items = versions.flatMap((version) => {
    const origin = originOf(version.image);
    const place = origin && `${origin.product} ${origin.version} ${origin.item}`;
    if (origin === undefined || place === undefined || taken.has(place)) return ownItems(version);
    taken.add(place);
    return itemsAt(version, origin);
  });
  await addFingerprints(items, fingerprints);
  return items;
}

function ownItems(version: Version): readonly StreamItem[] {
  const { shown } = version;
  const productFields = {
    arch: shown.architecture,
    os: shown.os,
    release: shown.release,
    version: shown.release,
    variant: shown.variant,
  };
  const versionFields = { label: 'release', pubname: pubnameOf(shown) };
  const kind = kindOf(shown.diskFormat);
  return version.blobs.map(({ path, blob }) => {
    const item = `${kind}${EXTENSIONS[blob.encoding]}`;
    const fields = { ftype: item, ...fieldsOf(version, path, blob) };
    return { product: shown.product, version: shown.version, item, productFields, versionFields, fields, blob };
  });
}

function pubnameOf({ name, version }: Version['shown']): string {
  const stem = stemOf(name);
  return stem.endsWith(`-${version}`) ? stem : `${stem}-${version}`;
}

/** The name by which tools for clouds look for a disk that they can use as it is. */
function kindOf(diskFormat: string): string {
  return diskFormat === 'qcow2' ? 'disk1.img' : `disk.${diskFormat.replace(/[^a-z0-9]/gi, '') || 'img'}`;
}

function itemsAt(version: Version, origin: StreamsOrigin): readonly StreamItem[] {
  const [os, release, arch, variant, more] = origin.product.split(':');
  const ours = version.shown;
  // Images of containers are named `os:release:arch:variant`; others have four parts, too, and other ones (`com.ubuntu.cloud:server:24.04:amd64`).
  const isNamed = more === undefined && variant !== undefined && ARCHITECTURE.test(arch ?? '');
  const named = isNamed ? { os, release, arch, variant } : { version: ours.release };
  const told = pick(origin.fields, PRODUCT_FIELDS);
  const productFields = { arch: ours.architecture, os: ours.os, release: ours.release, ...named, ...told };
  const versionFields = pick(origin.fields, VERSION_FIELDS);
  return version.blobs.map(({ path, blob }) => {
    const extension = EXTENSIONS[blob.encoding];
    const fields = { ftype: `${ftypeOf(origin)}${extension}`, ...fieldsOf(version, path, blob) };
    const { product, version: name } = origin;
    return { product, version: name, item: `${origin.item}${extension}`, productFields, versionFields, fields, blob };
  });
}

function pick(fields: Readonly<Fields>, names: readonly string[]): Fields {
  return Object.fromEntries(names.flatMap((name) => (Object.hasOwn(fields, name) ? [[name, fields[name]]] : [])));
}

function fieldsOf({ shown }: Version, path: string, { encoding, size, stored, expandedSize, expanded }: Blob): Fields {
  return {
    path,
    size,
    ...stored,
    ...(shown.virtualSize === undefined ? {} : { virtual_size: shown.virtualSize }),
    ...(encoding === 'none'
      ? {}
      : { expanded_size: expandedSize, expanded_md5: expanded.md5, expanded_sha256: expanded.sha256 }),
    properties: shown.sidecar,
    glance: glanceOf(shown),
  };
}

function glanceOf({ name, diskFormat, containerFormat, minDisk, minRam, properties }: Version['shown']): Fields {
  const attributes = {
    name,
    disk_format: diskFormat,
    container_format: containerFormat,
    min_disk: String(minDisk),
    min_ram: String(minRam),
  };
  // Defined from entries: a property may be called __proto__.
  return Object.fromEntries([...Object.entries(attributes), ...properties]);
}

async function addFingerprints(items: readonly StreamItem[], fingerprints: Fingerprints): Promise<void> {
  for (const metadata of items.filter(({ fields }) => isContainerMetadata(String(fields.ftype)))) {
    for (const root of items) {
      if (root.product !== metadata.product || root.version !== metadata.version) continue;
      const ftype = String(root.fields.ftype);
      const names = isContainerRoot(ftype) && Object.hasOwn(COMBINED, ftype) ? COMBINED[ftype] : undefined;
      if (names === undefined) continue;
      const value = await fingerprints.of(metadata.blob, root.blob);
      for (const name of names) metadata.fields[name] = value;
    }
  }
}
