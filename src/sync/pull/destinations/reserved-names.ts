import type { Draft, FittedDraft } from '../destination.js';

/** Names that API v2 has for attributes of its own: no property can be called so. */
export const V2_ATTRIBUTES: ReadonlySet<string> = new Set([
  'id',
  'name',
  'status',
  'visibility',
  'protected',
  'os_hidden',
  'owner',
  'size',
  'virtual_size',
  'checksum',
  'os_hash_algo',
  'os_hash_value',
  'disk_format',
  'container_format',
  'min_disk',
  'min_ram',
  'created_at',
  'updated_at',
  'tags',
  'self',
  'file',
  'schema',
  'direct_url',
  'locations',
  'stores',
]);

/** Names that servers keep for themselves. */
const RESERVED: ReadonlySet<string> = new Set(['location', 'deleted', 'deleted_at']);

function isReserved(name: string): boolean {
  return V2_ATTRIBUTES.has(name) || RESERVED.has(name) || name.startsWith('os_glance') || name === '';
}

/** A draft without the properties that no server takes, and with every tag once. */
export function fitForV2(draft: Draft): FittedDraft {
  const names = [...draft.properties.keys()].filter(isReserved);
  const properties = new Map([...draft.properties].filter(([name]) => !isReserved(name)));
  const warnings = names.map(
    (name) => `Property ${JSON.stringify(name)} is left out: servers keep that name for themselves.`,
  );
  return { draft: { ...draft, properties, tags: [...new Set(draft.tags)] }, warnings };
}
