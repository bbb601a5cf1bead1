import type { RemoteChange } from '../destination.js';

/** One operation of a JSON patch as Glance takes it. */
export interface PatchOperation {
  readonly op: 'add' | 'replace' | 'remove';
  readonly path: string;
  readonly value?: unknown;
}

/**
 * A change as a JSON patch, which the server makes whole or not at all. `held` are the properties that are there: removing another would be an error.
 * Visibility and protection come last, so that nobody who reads the operations in order sees an image before it is what it should be.
 */
export function imageChanges(change: RemoteChange, held: ReadonlyMap<string, string>): readonly PatchOperation[] {
  const attributes: readonly (readonly [string, unknown])[] = [
    ['name', change.name],
    ['min_disk', change.minDisk],
    ['min_ram', change.minRam],
    ['tags', change.tags],
  ];
  const last: readonly (readonly [string, unknown])[] = [
    ['os_hidden', change.hidden],
    ['visibility', change.visibility],
    ['protected', change.protected],
  ];
  const replaced = (pairs: typeof attributes): PatchOperation[] =>
    pairs.flatMap(([name, value]) => (value === undefined ? [] : [{ op: 'replace', path: `/${name}`, value }]));
  return [
    ...replaced(attributes),
    ...[...(change.set ?? [])].map(([name, value]): PatchOperation => ({ op: 'add', path: pointer(name), value })),
    ...(change.unset ?? [])
      .filter((name) => held.has(name) && !change.set?.has(name))
      .map((name): PatchOperation => ({ op: 'remove', path: pointer(name) })),
    ...replaced(last),
  ];
}

/** RFC 6901: a slash and a tilde in a name are escaped. */
function pointer(name: string): string {
  return `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}
