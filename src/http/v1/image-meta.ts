import type { Microseconds } from '../../domain/time.js';
import { detailed, fault } from '../fault.js';
import { parseIsoTime } from '../iso-time.js';

/** What a v1 client says of an image; a field is present when its header was. An empty header is null. */
export interface ImageMeta {
  id?: string | null;
  name?: string | null;
  status?: string | null;
  owner?: string | null;
  location?: string | null;
  store?: string | null;
  checksum?: string | null;
  diskFormat?: string | null;
  containerFormat?: string | null;
  isPublic?: boolean;
  protected?: boolean;
  deleted?: boolean;
  size?: number;
  minDisk?: number;
  minRam?: number;
  virtualSize?: number | null;
  createdAt?: Microseconds;
  updatedAt?: Microseconds;
  readonly properties: Map<string, string | null>;
}

type Reader = (meta: ImageMeta, value: string | null, field: string) => void;

function integer(field: string, value: string | null): number {
  const text = value ?? '';
  const invalid = (why: string) => fault(400, `Invalid value '${text}' for parameter '${field}': ${why}`);
  if (!/^\s*[+-]?\d+\s*$/.test(text)) throw invalid(`Cannot convert image ${field} '${text}' to an integer.`);
  const number = Number(text);
  if (number < 0) throw invalid('Cannot be a negative value.');
  return number;
}

/** What Glance takes for true; everything else is false (image-api-v1 section 2.1). */
export function isTrue(value: string | null): boolean {
  return ['t', 'true', 'on', 'y', 'yes', '1'].includes((value ?? '').trim().toLowerCase());
}

const EARLIEST = Date.UTC(1900, 0, 1) * 1000;

function time(field: string, value: string | null): Microseconds | undefined {
  if (value === null) return undefined;
  const parsed = parseIsoTime(value);
  if (parsed === undefined || parsed < EARLIEST) throw fault(400, `Invalid time format for ${field}.`);
  return parsed;
}

/** The headers that API v1 knows behind `x-image-meta-`; any other is an error (image-api-v1 section 2.1). */
const FIELDS: Readonly<Record<string, Reader>> = {
  id: (meta, value) => void (meta.id = value),
  name: (meta, value) => void (meta.name = value),
  status: (meta, value) => void (meta.status = value),
  owner: (meta, value) => void (meta.owner = value),
  location: (meta, value) => void (meta.location = value),
  store: (meta, value) => void (meta.store = value),
  checksum: (meta, value) => void (meta.checksum = value),
  disk_format: (meta, value) => void (meta.diskFormat = value),
  container_format: (meta, value) => void (meta.containerFormat = value),
  is_public: (meta, value) => void (meta.isPublic = isTrue(value)),
  protected: (meta, value) => void (meta.protected = isTrue(value)),
  deleted: (meta, value) => void (meta.deleted = isTrue(value)),
  size: (meta, value, field) => void (meta.size = integer(field, value)),
  min_disk: (meta, value, field) => void (meta.minDisk = integer(field, value)),
  min_ram: (meta, value, field) => void (meta.minRam = integer(field, value)),
  virtual_size: (meta, value, field) => void (meta.virtualSize = value === 'None' ? null : integer(field, value)),
  created_at: (meta, value, field) => {
    const parsed = time(field, value);
    if (parsed !== undefined) meta.createdAt = parsed;
  },
  updated_at: (meta, value, field) => {
    const parsed = time(field, value);
    if (parsed !== undefined) meta.updatedAt = parsed;
  },
  deleted_at: (_meta, value, field) => void time(field, value),
  uri: () => {},
  copy_from: () => {},
};

const PROPERTY = 'x-image-meta-property-';
const FIELD = 'x-image-meta-';

/**
 * Reads names (in lower case) and values, of headers or of a form's fields. Names lose their hyphens to underscores.
 * Throws 400 for an unknown field, or a value that is not of its field's type; bad names are told before bad values.
 */
export function readImageMeta(entries: Iterable<readonly [string, string]>): ImageMeta {
  const meta: ImageMeta = { properties: new Map() };
  const fields: [string, string][] = [];
  for (const [name, value] of entries) {
    if (name.startsWith(PROPERTY)) {
      meta.properties.set(name.slice(PROPERTY.length).replaceAll('-', '_'), value === '' ? null : value);
    } else if (name.startsWith(FIELD)) {
      const field = name.slice(FIELD.length).replaceAll('-', '_');
      if (!Object.hasOwn(FIELDS, field)) throw detailed(400, `Bad header: ${name}`);
      fields.push([field, value]);
    }
  }
  for (const [field, value] of fields) FIELDS[field]?.(meta, value === '' ? null : value, field);
  return meta;
}
