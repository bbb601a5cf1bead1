import type { Encoding } from '../../compression/encoding.js';
import { at, SyncError } from '../sync-error.js';
import { DIGEST_ALGORITHMS, type DigestAlgorithm, type Digests } from './digests.js';
import {
  ATTRIBUTE_VALUES,
  readBytes,
  readDigestOf,
  readEncoding,
  readFlag,
  readLabel,
  writeFlag,
} from './entry-values.js';
import { defaultImage, defaultName, readReference } from './image-reference.js';
import { parseProperties, writeProperties } from './properties-file.js';
import { shown } from './shown.js';
import {
  ANY_SYNC,
  DIGEST_KEYS,
  ESCAPED_PROPERTY,
  isEntryAttribute,
  isInternalProperty,
  isRegistryAttribute,
  KNOWN_KEYS,
  propertyKey,
  SYNC,
} from './sync-keys.js';
import { readWords, writeWords } from './word-list.js';

/** One `.properties` file of a repository: an image, where its bytes are, and what they must be (sync-and-manager sections 1.2 and 1.7). */
export interface SyncEntry {
  /** The image's name before a prefix is applied. Written as '', an image without a name, it is read as what section 1.2 makes of `image`. */
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
  /** Left out of the lists of those who do not ask for it (v2's os_hidden); absent for not. */
  readonly hidden?: true;
  /** Keys that the publisher derived from other properties; the reader leaves them out of `properties`, so that a round trip adds none. */
  readonly derived: readonly string[];
  /** `disk_format`, `container_format`, `is_public` (`True` or `False`), `min_disk` (GiB) and `min_ram` (MiB), where they are given. */
  readonly attributes: ReadonlyMap<string, string>;
  /** Custom properties. */
  readonly properties: ReadonlyMap<string, string>;
  /** What was ignored and why. */
  readonly warnings: readonly string[];
}

/**
 * Reads a `.properties` file. `fileName` is its path, not percent-encoded, of which the last segment gives the defaults of `image` and
 * `name`. What the file must not say (an owner, an id, internal properties) and unknown sync keys are warned of and left out.
 * Throws SyncError invalid, naming the file and the key, for a value that is none.
 */
export function parseSyncEntry(text: string, fileName: string): SyncEntry {
  return at(fileName, () => readEntry(parseProperties(text), fileName));
}

/**
 * Writes a `.properties` file that parseSyncEntry reads as the same entry, but for the properties that `derived` names; lists are sorted.
 * Internal properties are left out (sync-and-manager section 1.7). Throws SyncError invalid for what parseSyncEntry would not read.
 */
export function writeSyncEntry(entry: Omit<SyncEntry, 'warnings'>): string {
  const lines = new Map<string, string>();
  const sync = (key: string, value: string | number | undefined) => {
    if (value !== undefined) lines.set(SYNC + key, String(value));
  };
  const words = (key: string, list: readonly string[]) =>
    sync(key, list.length === 0 ? undefined : writeWords([...new Set(list)].sort()));
  sync('name', entry.name || undefined);
  sync('image', entry.image);
  sync('expand', entry.expand === 'none' ? undefined : entry.expand);
  sync('size', entry.size);
  sync('compressed_size', entry.stored.size);
  for (const algorithm of DIGEST_ALGORITHMS) {
    sync(DIGEST_KEYS.expanded[algorithm], entry.expanded[algorithm]);
    sync(DIGEST_KEYS.stored[algorithm], entry.stored.digests[algorithm]);
  }
  sync('virtual_size', entry.virtualSize);
  sync('version', entry.version);
  sync('replaces', entry.replaces);
  sync('protected', entry.protected ? writeFlag(true) : undefined);
  sync('hidden', entry.hidden ? writeFlag(true) : undefined);
  words('set', entry.sets);
  words('tags', entry.tags);
  words('derived', entry.derived);
  for (const [key, value] of entry.attributes) {
    if (!isEntryAttribute(key)) throw new SyncError('invalid', `${shown(key)} is no attribute that a mirror may give`);
    lines.set(key, ATTRIBUTE_VALUES[key](key, value));
  }
  for (const [name, value] of entry.properties) {
    if (!isInternalProperty(name)) lines.set(propertyKey(name), value);
  }
  const text = writeProperties(lines);
  readEntry(lines, '');
  return text;
}

/** The lines of a file by what they speak of. */
interface Parts {
  /** Without the prefix. */
  readonly sync: Map<string, string>;
  readonly attributes: Map<string, string>;
  readonly properties: Map<string, string>;
  readonly warnings: string[];
}

function partsOf(file: ReadonlyMap<string, string>): Parts {
  const parts: Parts = { sync: new Map(), attributes: new Map(), properties: new Map(), warnings: [] };
  for (const [key, value] of file) {
    const known = key.startsWith(SYNC) ? key.slice(SYNC.length) : '';
    if (KNOWN_KEYS.has(known) || known.startsWith(ESCAPED_PROPERTY)) parts.sync.set(known, value);
    else if (key.startsWith(ANY_SYNC)) parts.warnings.push(`unknown sync property ${shown(key)}`);
    else if (key === 'name' || isEntryAttribute(key)) parts.attributes.set(key, value);
    else if (isRegistryAttribute(key)) parts.warnings.push(`${key} is not for a mirror to say: ignored`);
    else parts.properties.set(key, value);
  }
  return parts;
}

function readEntry(file: ReadonlyMap<string, string>, fileName: string): SyncEntry {
  const { sync, attributes, properties, warnings } = partsOf(file);
  /** A key without a value is as good as none. */
  function read<T>(key: string, reader: (key: string, text: string) => T): T | undefined {
    const text = sync.get(key)?.trim() ?? '';
    return text === '' ? undefined : reader(SYNC + key, text);
  }
  const words = (key: string) => read(key, (where, text) => at(where, () => readWords(text))) ?? [];
  const digests = (keys: Readonly<Record<DigestAlgorithm, string>>): Digests =>
    Object.fromEntries(
      DIGEST_ALGORITHMS.flatMap((algorithm) => {
        const digest = read(keys[algorithm], readDigestOf(algorithm));
        return digest === undefined ? [] : [[algorithm, digest]];
      }),
    );
  const image = read('image', readReference) ?? defaultImage(fileName);
  const size = read('size', readBytes);
  const storedSize = read('compressed_size', readBytes);
  const virtualSize = read('virtual_size', readBytes);
  const version = read('version', readLabel);
  const replaces = sync.get('replaces');
  const derived = words('derived');
  return {
    name: sync.get('name') || attributes.get('name') || defaultName(image),
    image,
    expand: read('expand', readEncoding) ?? 'none',
    ...(size === undefined ? {} : { size }),
    expanded: digests(DIGEST_KEYS.expanded),
    stored: { ...(storedSize === undefined ? {} : { size: storedSize }), digests: digests(DIGEST_KEYS.stored) },
    ...(virtualSize === undefined ? {} : { virtualSize }),
    ...(version === undefined ? {} : { version }),
    ...(replaces === undefined ? {} : { replaces }),
    sets: words('set'),
    tags: words('tags'),
    protected: read('protected', readFlag) ?? false,
    ...(read('hidden', readFlag) === true ? { hidden: true } : {}),
    derived,
    attributes: attributesOf(attributes),
    properties: propertiesOf(properties, sync, derived, warnings),
    warnings,
  };
}

function attributesOf(lines: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const attributes = new Map<string, string>();
  for (const [key, value] of lines) {
    const text = value.trim();
    if (isEntryAttribute(key) && text !== '') attributes.set(key, ATTRIBUTE_VALUES[key](key, text));
  }
  return attributes;
}

function propertiesOf(
  lines: ReadonlyMap<string, string>,
  sync: ReadonlyMap<string, string>,
  derived: readonly string[],
  warnings: string[],
): ReadonlyMap<string, string> {
  const properties = new Map(lines);
  for (const key of derived) properties.delete(key);
  for (const [key, value] of sync) {
    if (key.startsWith(ESCAPED_PROPERTY)) properties.set(key.slice(ESCAPED_PROPERTY.length), value);
  }
  for (const name of [...properties.keys()].filter(isInternalProperty)) {
    properties.delete(name);
    warnings.push(`the property ${shown(name)} is an installation's own: ignored`);
  }
  return properties;
}
