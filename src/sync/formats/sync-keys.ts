import type { DigestAlgorithm } from './digests.js';

/** What the control keys of every version of the format begin with (sync-and-manager section 1.2). */
export const ANY_SYNC = 'org.openstack.sync__';

/** What those of the one version that there is begin with. */
export const SYNC = `${ANY_SYNC}1__`;

/** A custom property whose name would be read as something else travels under this and its name. */
export const ESCAPED_PROPERTY = 'property__';

/** The keys of hashes, without the prefix; those of the stored bytes in front of those of the expanded. */
export const DIGEST_KEYS: Readonly<Record<'stored' | 'expanded', Readonly<Record<DigestAlgorithm, string>>>> = {
  stored: { md5: 'compressed_md5', sha1: 'compressed_sha1', sha256: 'compressed_sha256', sha512: 'compressed_sha512' },
  expanded: { md5: 'checksum', sha1: 'sha1', sha256: 'sha256', sha512: 'sha512' },
};

/** Every key that this program knows, without the prefix; `min_client` is reserved. */
export const KNOWN_KEYS: ReadonlySet<string> = new Set([
  ...['name', 'image', 'expand', 'size', 'compressed_size', 'virtual_size', 'version', 'set', 'replaces', 'min_client'],
  ...['tags', 'protected', 'hidden', 'derived'],
  ...Object.values(DIGEST_KEYS.stored),
  ...Object.values(DIGEST_KEYS.expanded),
]);

/** Attributes of an image that are the mirror's to say, apart from its name. */
export const ENTRY_ATTRIBUTES = ['disk_format', 'container_format', 'is_public', 'min_disk', 'min_ram'] as const;

export type EntryAttribute = (typeof ENTRY_ATTRIBUTES)[number];

/** Attributes of an image by the names that the APIs give them, which are the registry's to say; no custom property can be written under such a name. */
const REGISTRY_ATTRIBUTES: ReadonlySet<string> = new Set([
  ...['id', 'owner', 'status', 'visibility', 'protected', 'os_hidden', 'tags', 'deleted'],
  ...['size', 'virtual_size', 'checksum', 'os_hash_algo', 'os_hash_value'],
  ...['created_at', 'updated_at', 'deleted_at', 'self', 'file', 'schema', 'direct_url', 'location'],
]);

/** Whether a key outside the sync prefix is an attribute that is the mirror's to say. */
export function isEntryAttribute(key: string): key is EntryAttribute {
  return ENTRY_ATTRIBUTES.some((attribute) => attribute === key);
}

/** Whether a key outside the sync prefix is an attribute that is the registry's to say. */
export function isRegistryAttribute(key: string): boolean {
  return REGISTRY_ATTRIBUTES.has(key);
}

/** Whether a property is an installation's own affair: never published, and never taken from a mirror (sync-and-manager section 1.7). */
export function isInternalProperty(name: string): boolean {
  return name.startsWith('os_glance') || name.startsWith('owner_specified.openstack.') || INTERNAL.has(name);
}

const INTERNAL: ReadonlySet<string> = new Set(['locations', 'stores']);

/** The key of a custom property in the file. */
export function propertyKey(name: string): string {
  const taken = name === 'name' || isEntryAttribute(name) || isRegistryAttribute(name) || name.startsWith(ANY_SYNC);
  return taken ? SYNC + ESCAPED_PROPERTY + name : name;
}
