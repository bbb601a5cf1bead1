import { ENCODINGS, type Encoding, EXTENSIONS } from '../../compression/encoding.js';
import type { StreamsItem } from '../formats/streams.js';
import { fileOfItem } from '../formats/streams-file.js';
import type { SyncEntry } from '../formats/sync-entry.js';
import { isEntryAttribute, isInternalProperty, isRegistryAttribute } from '../formats/sync-keys.js';
import { SyncError } from '../sync-error.js';

/** What simplestreams' own mirror calls architectures in Glance (sync-and-manager section 2.2). */
const ARCHITECTURES: Readonly<Record<string, string>> = {
  amd64: 'x86_64',
  i386: 'i686',
  arm64: 'aarch64',
  armhf: 'armv7l',
  ppc64el: 'ppc64le',
  powerpc: 'ppc',
};

/** Names that simplestreams gives to disks, and endings of files, by their format. */
const FORMATS: readonly (readonly [RegExp, string])[] = [
  [/^(disk|disk1|disk-kvm|uefi1)\.img$/, 'qcow2'],
  [/(^|\.)qcow2$/, 'qcow2'],
  [/(^|\.)raw$/, 'raw'],
  [/(^|\.)(vmdk|vdi|vhd|vhdx|iso)$/, ''],
];

/** Of several encodings of one image that which costs least: as it is, then by what expands fastest. */
const EASE: readonly Encoding[] = ['none', 'zstd', 'gzip', 'xz', 'bzip2'];

/** An item that is the whole disk of an image: what to do with it. */
export interface DiskItem {
  readonly encoding: Encoding;
  readonly diskFormat: string;
  /** The smaller, the rather it is taken among items of the same version. */
  readonly rank: number;
}

/** What to do with an item; undefined where it is no disk (a kernel, a root file system, a manifest). Throws SyncError invalid. */
export function diskItem({ fields }: StreamsItem): DiskItem | undefined {
  const { path, ftype } = fields;
  if (typeof path !== 'string' || typeof ftype !== 'string') return undefined;
  const encoding = ENCODINGS.find((one) => one !== 'none' && path.endsWith(EXTENSIONS[one])) ?? 'none';
  const bare = ftype.endsWith(EXTENSIONS[encoding])
    ? ftype.slice(0, ftype.length - EXTENSIONS[encoding].length)
    : ftype;
  const said = glanceOf(fields).get('disk_format');
  const [pattern, format] = FORMATS.find(([known]) => known.test(bare)) ?? [];
  const diskFormat = said ?? (format || bare.split('.').at(-1));
  if (diskFormat === undefined || (said === undefined && pattern === undefined)) return undefined;
  return { encoding, diskFormat, rank: EASE.indexOf(encoding) * 2 + (diskFormat === 'qcow2' ? 0 : 1) };
}

/**
 * An item as if a `.properties` file described it. What the publisher says in `glance` (our own does) goes before what simplestreams' own mirror would
 * write: name, properties and formats (sync-and-manager section 2.2). Throws SyncError invalid for an item that has no name, and as fileOfItem does.
 */
export function entryOfItem(item: StreamsItem, { encoding, diskFormat }: DiskItem): SyncEntry {
  const { fields } = item;
  const said = glanceOf(fields);
  const text = (key: string): string | undefined => textOf(fields[key]);
  // Mirrors of containers name nothing but products.
  const placed = `${item.product.replaceAll(':', '-')}-${item.version}`;
  const name = said.get('name') || text('pubname') || text('name') || placed;
  const { path, size, digests, expanded, virtualSize } = fileOfItem(item);
  const plain = encoding === 'none';
  const expandedSize = plain ? size : expanded.size;
  const attributes = new Map([...said].filter(([key]) => isEntryAttribute(key)));
  attributes.set('disk_format', diskFormat);
  const properties = new Map([...said].filter(([key]) => key !== 'name' && !isEntryAttribute(key)));
  const reserved = [...properties.keys()].filter((key) => isRegistryAttribute(key) || isInternalProperty(key));
  for (const key of reserved) properties.delete(key);
  for (const [key, value] of said.size > 0 ? [] : mirrored(item)) properties.set(key, value);
  return {
    name,
    image: path,
    expand: encoding,
    ...(expandedSize === undefined ? {} : { size: expandedSize }),
    expanded: plain ? digests : expanded.digests,
    stored: { ...(size === undefined ? {} : { size }), digests },
    ...(virtualSize === undefined ? {} : { virtualSize }),
    version: item.version,
    sets: [],
    tags: [],
    protected: false,
    derived: [],
    attributes,
    properties,
    warnings: reserved.map((key) => `${key} is not for a mirror to say: ignored`),
  };
}

/** The properties that simplestreams' own mirror writes. */
function mirrored({ contentId, product, version, item, fields }: StreamsItem): ReadonlyMap<string, string> {
  const arch = textOf(fields.arch);
  const more = metadataOf(fields);
  const told: readonly (readonly [string, string | undefined])[] = [
    ['content_id', contentId],
    ['product_name', product],
    ['version_name', version],
    ['item_name', item],
    ['os_distro', textOf(fields.os)?.toLowerCase()],
    ['os_version', textOf(fields.version) ?? textOf(fields.release)],
    ['architecture', arch === undefined ? undefined : (ARCHITECTURES[arch] ?? arch)],
    ['simplestreams_metadata', more],
  ];
  return new Map(told.flatMap(([key, value]) => (value === undefined || value === '' ? [] : [[key, value] as const])));
}

/** Properties that one image may have, as in a `.properties` file; what a file says once for all of its items each of them would copy. */
const MOST_GLANCE = 512;

/** What of an item tells about the image and not about the file, for those who publish the image again; undefined where it is too much for a property. */
function metadataOf(fields: StreamsItem['fields']): string | undefined {
  const known = METADATA.flatMap((key) => (fields[key] === undefined ? [] : [[key, fields[key]] as const]));
  const text = JSON.stringify(Object.fromEntries(known));
  return text.length <= LONGEST_METADATA ? text : undefined;
}

const LONGEST_METADATA = 2048;
const METADATA = [
  ...['aliases', 'arch', 'ftype', 'label', 'lxd_requirements', 'os', 'pubname', 'release', 'release_codename'],
  ...['release_title', 'requirements', 'support_eol', 'supported', 'variant', 'version'],
];

function glanceOf({ glance }: StreamsItem['fields']): ReadonlyMap<string, string> {
  if (typeof glance !== 'object' || glance === null || Array.isArray(glance)) return new Map();
  if (Object.keys(glance).length > MOST_GLANCE) {
    throw new SyncError('invalid', `it has more than ${MOST_GLANCE} keys in glance`);
  }
  return new Map(
    Object.entries(glance).flatMap(([key, value]) => (typeof value === 'string' ? [[key, value] as const] : [])),
  );
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
