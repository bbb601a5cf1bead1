import { inside, numberIn, textIn } from '../../../net/json.js';
import { SyncError } from '../../sync-error.js';
import type { Draft, RemoteChange, RemoteImage } from '../destination.js';
import { propertiesOf } from './read-v2.js';

const FIELD = 'x-image-meta-';
const PROPERTY = 'x-image-meta-property-';

type Headers = Record<string, string>;

/** The headers of a new image that is nobody else's to see. Without a size: one that is said to have none is active at once. */
export function headersOfDraft(draft: Draft): Headers {
  return {
    ...field('name', draft.name),
    ...field('disk_format', draft.diskFormat),
    ...field('container_format', draft.containerFormat),
    ...field('min_disk', String(draft.minDisk)),
    ...field('min_ram', String(draft.minRam)),
    ...field('is_public', 'False'),
    ...field('protected', 'False'),
    ...propertyHeaders(draft.properties),
  };
}

/** The headers of a change, but for properties that go. Throws SyncError destination for what API v1 does not know. */
export function headersOfChange(change: RemoteChange): Headers {
  const { visibility } = change;
  if (visibility === 'community' || change.hidden) {
    throw new SyncError(
      'destination',
      `API v1 cannot make an image ${change.hidden ? 'hidden' : 'community'}: it knows public and private alone.`,
    );
  }
  return {
    ...(change.name === undefined ? {} : field('name', change.name)),
    ...(change.minDisk === undefined ? {} : field('min_disk', String(change.minDisk))),
    ...(change.minRam === undefined ? {} : field('min_ram', String(change.minRam))),
    ...(visibility === undefined ? {} : field('is_public', flag(visibility === 'public'))),
    ...(change.protected === undefined ? {} : field('protected', flag(change.protected))),
    ...propertyHeaders(change.set ?? new Map()),
  };
}

export function propertyHeaders(properties: ReadonlyMap<string, string>): Headers {
  return Object.fromEntries([...properties].map(([name, value]) => [headerName(PROPERTY + name), wire(value)]));
}

/** An image as the JSON of API v1 shows it. Throws SyncError destination for what is none. */
export function readImageV1(shown: unknown): RemoteImage {
  const id = textIn(shown, 'id');
  const status = textIn(shown, 'status');
  if (id === undefined || status === undefined) {
    throw new SyncError('destination', 'The Image service shows an image without id or status.');
  }
  const properties = inside(shown, 'properties');
  return {
    id,
    name: textIn(shown, 'name') ?? null,
    status,
    visibility: inside(shown, 'is_public') === true ? 'public' : 'private',
    owner: textIn(shown, 'owner') ?? null,
    size: numberIn(shown, 'size') ?? null,
    checksum: textIn(shown, 'checksum') ?? null,
    hashAlgorithm: null,
    hashValue: null,
    diskFormat: textIn(shown, 'disk_format') ?? null,
    containerFormat: textIn(shown, 'container_format') ?? null,
    minDisk: numberIn(shown, 'min_disk') ?? 0,
    minRam: numberIn(shown, 'min_ram') ?? 0,
    protected: inside(shown, 'protected') === true,
    hidden: false,
    tags: [],
    properties: propertiesOf(typeof properties === 'object' && properties !== null ? Object.entries(properties) : []),
  };
}

function field(name: string, value: string): Headers {
  return { [headerName(FIELD + name)]: wire(value) };
}

/** With hyphens, which servers turn back: web servers in front of them drop headers with underscores. */
function headerName(name: string): string {
  return name.replaceAll('_', '-');
}

/** The characters by which HTTP clients write the bytes of UTF-8. */
function wire(text: string): string {
  return Buffer.from(text.toWellFormed(), 'utf8').toString('latin1');
}

function flag(value: boolean): string {
  return value ? 'True' : 'False';
}
