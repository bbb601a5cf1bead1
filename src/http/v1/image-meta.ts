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

type Reader = (value: string | null, field: string) => Partial<ImageMeta>;

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
/** In the year 2255: later times are no exact integers of microseconds. */
const LATEST = Number.MAX_SAFE_INTEGER;

function time(field: string, value: string): Microseconds {
  const parsed = parseIsoTime(value);
  if (parsed === undefined || parsed < EARLIEST || parsed > LATEST)
    throw fault(400, `Invalid time format for ${field}.`);
  return parsed;
}

/** The headers that API v1 knows behind `x-image-meta-`; any other is an error (image-api-v1 section 2.1). */
const FIELDS: Readonly<Record<string, Reader>> = {
  id: (id) => ({ id }),
  name: (name) => ({ name }),
  status: (status) => ({ status }),
  owner: (owner) => ({ owner }),
  location: (location) => ({ location }),
  store: (store) => ({ store }),
  checksum: (checksum) => ({ checksum }),
  disk_format: (diskFormat) => ({ diskFormat }),
  container_format: (containerFormat) => ({ containerFormat }),
  is_public: (value) => ({ isPublic: isTrue(value) }),
  protected: (value) => ({ protected: isTrue(value) }),
  deleted: (value) => ({ deleted: isTrue(value) }),
  size: (value, field) => ({ size: integer(field, value) }),
  min_disk: (value, field) => ({ minDisk: integer(field, value) }),
  min_ram: (value, field) => ({ minRam: integer(field, value) }),
  virtual_size: (value, field) => ({ virtualSize: value === 'None' ? null : integer(field, value) }),
  created_at: (value, field) => (value === null ? {} : { createdAt: time(field, value) }),
  updated_at: (value, field) => (value === null ? {} : { updatedAt: time(field, value) }),
  deleted_at: (value, field) => {
    if (value !== null) time(field, value);
    return {};
  },
  uri: () => ({}),
  copy_from: () => ({}),
};

/** Glance's databases could not hold characters beyond the basic plane, so its API refuses them (image-api-v1 section 2.1). */
function refuseAstral(text: string, what: string): void {
  if (/[\u{10000}-\u{10ffff}]/u.test(text)) throw fault(400, `${what} can't contain 4 byte unicode characters.`);
}

const PROPERTY = 'x-image-meta-property-';
const FIELD = 'x-image-meta-';

/**
 * Reads names (in lower case) and values, of headers or of a form's fields. Names lose their hyphens to underscores.
 * Throws 400 for an unknown field, or a value that is not of its field's type; bad names are told before bad values.
 */
export function readImageMeta(entries: Iterable<readonly [string, string]>): ImageMeta {
  const meta: ImageMeta = { properties: new Map() };
  const fields: [string, string][] = [];
  for (const [written, value] of entries) {
    // Gateways of the time took underscores for hyphens, so both spellings mean the same header.
    const name = written.replaceAll('_', '-');
    if (name.startsWith(PROPERTY)) {
      refuseAstral(name, 'Property names');
      refuseAstral(value, 'Property values');
      meta.properties.set(name.slice(PROPERTY.length).replaceAll('-', '_'), value === '' ? null : value);
    } else if (name.startsWith(FIELD)) {
      const field = name.slice(FIELD.length).replaceAll('-', '_');
      if (!Object.hasOwn(FIELDS, field)) throw detailed(400, `Bad header: ${name}`);
      refuseAstral(value, field);
      fields.push([field, value]);
    }
  }
  for (const [field, value] of fields) Object.assign(meta, FIELDS[field]?.(value === '' ? null : value, field));
  return meta;
}
