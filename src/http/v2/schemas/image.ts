import { IMAGE_STATUSES } from '../../../domain/image.js';

export interface Formats {
  readonly disk: readonly string[];
  readonly container: readonly string[];
}

export type SchemaProperties = Readonly<Record<string, object>>;

/** Ids as API v2 takes and shows them. */
export const UUID_PATTERN = '^([0-9a-fA-F]){8}-([0-9a-fA-F]){4}-([0-9a-fA-F]){4}-([0-9a-fA-F]){4}-([0-9a-fA-F]){12}$';

const STATUS_ORDER = ['queued', 'saving', 'active', 'killed', 'deleted', 'uploading', 'importing', 'pending_delete'];

const readOnly = (type: 'string' | 'integer', description: string) => ({ type, readOnly: true, description });

const hash = (maxLength: number, description: string) => ({
  type: ['null', 'string'],
  readOnly: true,
  description,
  maxLength,
});

const format = (description: string, formats: readonly string[]) => ({
  type: ['null', 'string'],
  description,
  enum: [null, ...formats],
});

const LOCATION = {
  type: 'object',
  properties: {
    url: { type: 'string', maxLength: 255 },
    metadata: { type: 'object' },
    validation_data: {
      description: 'Hashes of the bytes at the URL',
      type: 'object',
      writeOnly: true,
      additionalProperties: false,
      properties: {
        checksum: { type: 'string', minLength: 32, maxLength: 32 },
        os_hash_algo: { type: 'string', maxLength: 64 },
        os_hash_value: { type: 'string', maxLength: 128 },
      },
      required: ['os_hash_algo', 'os_hash_value'],
    },
  },
  required: ['url', 'metadata'],
};

const BYTES = { type: ['null', 'integer'], readOnly: true };

/** An image's own attributes, in the order in which clients list them (image-api-v2 section 2.12). */
export function imageProperties(formats: Formats): SchemaProperties {
  const statuses = [...STATUS_ORDER, ...IMAGE_STATUSES.filter((status) => !STATUS_ORDER.includes(status))];
  return {
    id: { type: 'string', description: 'Identifier of the image', pattern: UUID_PATTERN },
    name: { type: ['null', 'string'], description: 'Name for people to read', maxLength: 255 },
    status: { ...readOnly('string', 'Where the image stands'), enum: statuses },
    visibility: {
      type: 'string',
      description: 'Who may see the image',
      enum: ['community', 'public', 'private', 'shared'],
    },
    protected: { type: 'boolean', description: 'Whether deletion is refused' },
    os_hidden: { type: 'boolean', description: 'Whether default lists leave it out' },
    checksum: hash(32, 'MD5 of the data, in hex'),
    os_hash_algo: hash(64, 'Name of the algorithm of os_hash_value'),
    os_hash_value: hash(128, 'Hash of the data, in hex'),
    owner: { type: ['null', 'string'], description: 'Project that owns the image', maxLength: 255 },
    size: { ...BYTES, description: 'Size of the data in bytes' },
    virtual_size: { ...BYTES, description: 'Size of the disk that a guest sees, in bytes' },
    container_format: format('Format of the container', formats.container),
    disk_format: format('Format of the disk', formats.disk),
    created_at: readOnly('string', 'Time of registration'),
    updated_at: readOnly('string', 'Time of the last change'),
    tags: {
      type: 'array',
      description: 'Labels of the image',
      items: { type: 'string', maxLength: 255 },
    },
    direct_url: readOnly('string', 'URL of the data in its store'),
    min_ram: { type: 'integer', description: 'Memory that a guest needs, in MiB' },
    min_disk: { type: 'integer', description: 'Disk that a guest needs, in GiB' },
    self: readOnly('string', 'URL of the image'),
    file: readOnly('string', 'URL of the data'),
    stores: readOnly('string', 'Stores that hold the data, by comma'),
    schema: readOnly('string', 'URL of the schema of images'),
    locations: { type: 'array', items: LOCATION, description: 'URLs of the data in its stores' },
  };
}

export const IMAGE_LINKS = [
  { rel: 'self', href: '{self}' },
  { rel: 'enclosure', href: '{file}' },
  { rel: 'describedby', href: '{schema}' },
];
