export interface Caller {
  readonly token: string;
  readonly project: string;
  readonly role: 'reader' | 'member' | 'admin';
}

export interface Change {
  readonly op: string;
  readonly path: string;
  readonly value?: unknown;
}

export type Attributes = Readonly<Record<string, unknown>>;
export type Query = Readonly<Record<string, string>>;

/** What the API must answer: its status, and the body where that is told in full. */
export interface Expected {
  readonly status: number;
  readonly body?: unknown;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
export const FIXED = ['created_at', 'updated_at', 'status', 'checksum', 'size', 'virtual_size'];
export const GIVEN = ['direct_url', 'self', 'file', 'schema', 'os_hash_algo', 'os_hash_value'];
export const RESERVED = /^(location|locations|deleted|deleted_at|os_glance.*)$/;
export const BASE = /^(name|visibility|protected|os_hidden|owner|tags|min_disk|min_ram|disk_format|container_format)$/;
export const STATUSES = ['pending', 'accepted', 'rejected'];

function isText(value: unknown): boolean {
  return typeof value === 'string' && value.length <= 255;
}

/** What the schema of an image says of one value (section 2.12). */
export function fits(name: string, value: unknown): boolean {
  if (name === 'id') return typeof value === 'string' && UUID.test(value);
  if (name === 'name' || name === 'owner') return value === null || isText(value);
  if (name === 'visibility') return ['public', 'community', 'shared', 'private'].some((known) => known === value);
  if (name === 'protected' || name === 'os_hidden') return typeof value === 'boolean';
  if (name === 'tags') return Array.isArray(value) && value.every(isText);
  if (name === 'min_disk' || name === 'min_ram') return Number.isInteger(value);
  if (name === 'disk_format') return [null, 'raw', 'qcow2', 'iso'].some((known) => known === value);
  if (name === 'container_format') return [null, 'bare', 'ovf'].some((known) => known === value);
  return typeof value === 'string';
}

/** What each of them has for a name, as it is written; tags are a set. */
export function normal(name: string, value: unknown): unknown {
  return name === 'tags' && Array.isArray(value) ? [...new Set(value)].sort() : value;
}

/** What is shown of an image of which nothing was told but its owner (section 3.1). */
export function fresh(id: string): Attributes {
  const path = `/v2/images/${id}`;
  return {
    id,
    self: path,
    file: `${path}/file`,
    schema: '/v2/schemas/image',
    status: 'queued',
    visibility: 'shared',
    name: null,
    protected: false,
    os_hidden: false,
    disk_format: null,
    container_format: null,
    min_disk: 0,
    min_ram: 0,
    tags: [],
    size: null,
    virtual_size: null,
    checksum: null,
    os_hash_algo: null,
    os_hash_value: null,
  };
}
