import { IMAGE_STATUSES, type Image, type ImageChange, VISIBILITIES } from '../../domain/image.js';
import type { Location } from '../../domain/location.js';
import type { Member, MemberStatus } from '../../domain/member.js';
import type { Lease } from '../../domain/ports/leases.js';
import type { SqlValue } from './fragment.js';

/** A row as a driver gives it: SQLite has integers as numbers, PostgreSQL has 64-bit ones as strings. */
export type Row = Readonly<Record<string, unknown>>;

export function number(value: unknown): number {
  const read = Number(value);
  if (value === null || value === undefined || !Number.isSafeInteger(read)) throw new TypeError('Not an integer');
  return read;
}

export function text(value: unknown): string {
  if (typeof value !== 'string') throw new TypeError('Not a text');
  return value;
}

const flag = (value: unknown): boolean => number(value) !== 0;

function optional<T>(value: unknown, read: (value: unknown) => T): T | null {
  return value === null || value === undefined ? null : read(value);
}

function oneOf<T extends string>(values: readonly T[], value: unknown): T {
  const found = values.find((one) => one === value);
  if (found === undefined) throw new TypeError(`Not one of ${values.join(', ')}`);
  return found;
}

/** An image from the columns of `images` and the aggregates of `IMAGE` (load-images.ts). */
export function imageOf(row: Row): Image {
  return {
    id: text(row.id),
    name: optional(row.name, text),
    status: oneOf(IMAGE_STATUSES, row.status),
    visibility: oneOf(VISIBILITIES, row.visibility),
    owner: optional(row.owner, text),
    protected: flag(row.protected),
    hidden: flag(row.os_hidden),
    diskFormat: optional(row.disk_format, text),
    containerFormat: optional(row.container_format, text),
    size: optional(row.size, number),
    virtualSize: optional(row.virtual_size, number),
    checksum: optional(row.checksum, text),
    hashAlgorithm: optional(row.os_hash_algo, text),
    hashValue: optional(row.os_hash_value, text),
    minDisk: number(row.min_disk),
    minRam: number(row.min_ram),
    createdAt: number(row.created_at),
    updatedAt: number(row.updated_at),
    deletedAt: optional(row.deleted_at, number),
    deleted: flag(row.deleted),
    revision: number(row.revision),
    properties: new Map(tuples(row.properties).map(([name, value]) => [text(name), optional(value, text)])),
    tags: new Set(tuples(row.tags).map(([tag]) => text(tag))),
    locations: tuples(row.locations).map(locationOf),
  };
}

function tuples(json: unknown): readonly (readonly unknown[])[] {
  return json === null ? [] : JSON.parse(text(json));
}

function locationOf([url, metadata, status, external]: readonly unknown[]): Location {
  return {
    url: text(url),
    metadata: JSON.parse(text(metadata)),
    status: oneOf(['active', 'pending_delete'], status),
    ...(external === null ? {} : { external: JSON.parse(text(external)) }),
  };
}

/** The columns of `images` that a change sets. */
export function columnsOf(change: ImageChange): Record<string, SqlValue> {
  const bit = (value: boolean | undefined) => (value === undefined ? undefined : Number(value));
  const columns = {
    name: change.name,
    status: change.status,
    visibility: change.visibility,
    owner: change.owner,
    protected: bit(change.protected),
    os_hidden: bit(change.hidden),
    disk_format: change.diskFormat,
    container_format: change.containerFormat,
    size: change.size,
    virtual_size: change.virtualSize,
    checksum: change.checksum,
    os_hash_algo: change.hashAlgorithm,
    os_hash_value: change.hashValue,
    min_disk: change.minDisk,
    min_ram: change.minRam,
  };
  const set: Record<string, SqlValue> = {};
  for (const [name, value] of Object.entries(columns)) if (value !== undefined) set[name] = value;
  return set;
}

export function memberOf(row: Row): Member {
  return {
    imageId: text(row.image_id),
    member: text(row.member),
    canShare: flag(row.can_share),
    status: oneOf<MemberStatus>(['pending', 'accepted', 'rejected'], row.status),
    createdAt: number(row.created_at),
    updatedAt: number(row.updated_at),
  };
}

export function leaseOf(row: Row): Lease {
  return {
    image: text(row.image_id),
    worker: text(row.worker),
    expiresAt: number(row.expires_at),
    abandoned: oneOf<Lease['abandoned']>(['killed', 'queued'], row.abandoned),
    store: text(row.store),
  };
}
