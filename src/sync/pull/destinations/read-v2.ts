import { inside, listIn, numberIn, textIn } from '../../../net/json.js';
import { SyncError } from '../../sync-error.js';
import type { RemoteImage } from '../destination.js';
import { V2_ATTRIBUTES } from './reserved-names.js';

/** An image as API v2 shows it. Throws SyncError destination for what is none. */
export function readImageV2(shown: unknown): RemoteImage {
  const id = textIn(shown, 'id');
  const status = textIn(shown, 'status');
  if (id === undefined || status === undefined || typeof shown !== 'object' || shown === null) {
    throw new SyncError('destination', 'The Image service shows an image without id or status.');
  }
  const custom = Object.entries(shown).filter(([name]) => !V2_ATTRIBUTES.has(name));
  return {
    id,
    name: textIn(shown, 'name') ?? null,
    status,
    visibility: visibilityOf(textIn(shown, 'visibility')),
    owner: textIn(shown, 'owner') ?? null,
    size: numberIn(shown, 'size') ?? null,
    checksum: textIn(shown, 'checksum') ?? null,
    hashAlgorithm: textIn(shown, 'os_hash_algo') ?? null,
    hashValue: textIn(shown, 'os_hash_value') ?? null,
    diskFormat: textIn(shown, 'disk_format') ?? null,
    containerFormat: textIn(shown, 'container_format') ?? null,
    minDisk: numberIn(shown, 'min_disk') ?? 0,
    minRam: numberIn(shown, 'min_ram') ?? 0,
    protected: inside(shown, 'protected') === true,
    hidden: inside(shown, 'os_hidden') === true,
    tags: listIn(shown, 'tags').filter((tag) => typeof tag === 'string'),
    properties: propertiesOf(custom),
  };
}

/** Custom properties as texts; what is none is kept as its JSON, null as an empty text. */
export function propertiesOf(entries: readonly (readonly [string, unknown])[]): ReadonlyMap<string, string> {
  const text = (value: unknown) => (typeof value === 'string' ? value : value === null ? '' : JSON.stringify(value));
  return new Map(entries.map(([name, value]) => [name, text(value)]));
}

/** The query of the link to the next page; undefined on the last one. Throws SyncError destination for a link without one. */
export function nextQueryOfV2(page: unknown): string | undefined {
  const next = textIn(page, 'next');
  if (next === undefined) return undefined;
  const [, query] = /\/images\/?\?([^#]+)/.exec(next) ?? [];
  if (query === undefined)
    throw new SyncError('destination', 'The Image service names a next page that is no list of images.');
  return query;
}

function visibilityOf(text: string | undefined): RemoteImage['visibility'] {
  return text === 'public' || text === 'shared' || text === 'community' ? text : 'private';
}
