import type { Migration } from './migration.js';

/**
 * The tables of images, named as Glance's. Times are microseconds since 1970, flags 0 or 1.
 * Text sorts by code point: PostgreSQL is told so, SQLite does by itself.
 */
export const images: Migration = {
  name: '0001-images',
  needs: '0.1.0',
  async up(knex, dialect) {
    const statements = [...tables(dialect === 'postgresql' ? POSTGRESQL : SQLITE), ...indexes()];
    for (const statement of statements) await knex.schema.raw(statement);
  },
};

interface Types {
  readonly text: string;
  readonly int: string;
  readonly counter: string;
}
const SQLITE: Types = { text: 'TEXT', int: 'INTEGER', counter: 'INTEGER PRIMARY KEY AUTOINCREMENT' };
const POSTGRESQL: Types = {
  text: 'TEXT COLLATE "C"',
  int: 'BIGINT',
  counter: 'BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY',
};

function tables({ text, int, counter }: Types): string[] {
  const image = `image_id ${text} NOT NULL REFERENCES images (id) ON DELETE CASCADE`;
  return [
    `CREATE TABLE images (
      id ${text} PRIMARY KEY, name ${text}, status ${text} NOT NULL, visibility ${text} NOT NULL, owner ${text},
      protected ${int} NOT NULL, os_hidden ${int} NOT NULL, disk_format ${text}, container_format ${text},
      size ${int}, virtual_size ${int}, checksum ${text}, os_hash_algo ${text}, os_hash_value ${text},
      min_disk ${int} NOT NULL, min_ram ${int} NOT NULL, created_at ${int} NOT NULL, updated_at ${int} NOT NULL,
      deleted_at ${int}, deleted ${int} NOT NULL, revision ${int} NOT NULL, ${sortKeys({ text, int })})`,
    `CREATE TABLE image_properties (${image}, name ${text} NOT NULL, value ${text}, PRIMARY KEY (image_id, name))`,
    `CREATE TABLE image_tags (${image}, tag ${text} NOT NULL, PRIMARY KEY (image_id, tag))`,
    `CREATE TABLE image_locations (${image}, position ${int} NOT NULL, url ${text} NOT NULL, metadata ${text} NOT NULL,
      status ${text} NOT NULL, PRIMARY KEY (image_id, position))`,
    `CREATE TABLE image_members (id ${counter}, ${image}, member ${text} NOT NULL, can_share ${int} NOT NULL,
      status ${text} NOT NULL, created_at ${int} NOT NULL, updated_at ${int} NOT NULL, UNIQUE (image_id, member))`,
    `CREATE TABLE retired_members (${image}, member ${text} NOT NULL, PRIMARY KEY (image_id, member))`,
    // Without a reference to images: an upload outlives the deletion of its image, and must still find its lease.
    `CREATE TABLE upload_leases (image_id ${text} PRIMARY KEY, worker ${text} NOT NULL, expires_at ${int} NOT NULL,
      abandoned ${text} NOT NULL, store ${text} NOT NULL)`,
    `CREATE TABLE storage_reservations (image_id ${text} PRIMARY KEY, owner ${text}, bytes ${int} NOT NULL)`,
    `CREATE TABLE tombstones (id ${text} PRIMARY KEY)`,
    `CREATE TABLE schema_facts (name ${text} PRIMARY KEY, value ${text} NOT NULL)`,
  ];
}

/**
 * What nullable columns sort by: columns of their own, because SQLite does not use an index of expressions for comparisons of rows,
 * which paging is made of.
 */
function sortKeys({ text, int }: Pick<Types, 'text' | 'int'>): string {
  const texts = ['name', 'disk_format', 'container_format'].map(
    (column) => `${column}_key ${text} GENERATED ALWAYS AS (COALESCE(${column}, '')) STORED`,
  );
  return [...texts, `size_key ${int} GENERATED ALWAYS AS (COALESCE(size, 0)) STORED`].join(', ');
}

/** The status comes along, because nearly every list asks for it: the walk then reads the index alone. */
const SORTED: Readonly<Record<string, string>> = {
  created_at: 'created_at, id, status',
  updated_at: 'updated_at, created_at, id, status',
  name: 'name_key, created_at, id, status',
  size: 'size_key, created_at, id, status',
  status: 'status, created_at, id',
  disk_format: 'disk_format_key, created_at, id, status',
  container_format: 'container_format_key, created_at, id, status',
  id: 'id, status',
};

/** Why these: docs/adr/0002-list-queries.md. */
function indexes(): string[] {
  const lists = Object.entries(SORTED).flatMap(([key, columns]) => [
    `CREATE INDEX images_by_all_${key} ON images (deleted, ${columns})`,
    `CREATE INDEX images_by_visibility_${key} ON images (deleted, visibility, ${columns})`,
    `CREATE INDEX images_by_owner_${key} ON images (deleted, owner, ${columns})`,
  ]);
  const filters = ['min_disk', 'min_ram', 'protected', 'os_hidden', 'checksum', 'os_hash_value'].map(
    (column) => `CREATE INDEX images_with_${column} ON images (deleted, ${column})`,
  );
  return [
    ...lists,
    ...filters,
    'CREATE INDEX images_purge ON images (deleted_at)',
    // Values may be longer than an index entry of PostgreSQL.
    'CREATE INDEX image_properties_value ON image_properties (name, (substr(value, 1, 64)), image_id)',
    'CREATE INDEX image_tags_tag ON image_tags (tag, image_id)',
    'CREATE INDEX image_members_member ON image_members (member, image_id)',
    'CREATE INDEX upload_leases_worker ON upload_leases (worker)',
    'CREATE INDEX upload_leases_end ON upload_leases (expires_at)',
    'CREATE INDEX storage_reservations_owner ON storage_reservations (owner)',
  ];
}
