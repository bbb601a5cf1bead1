import type { Image, ImageId } from '../../domain/image.js';
import type { Dialect, Session } from './database.js';
import { type Fragment, literal, sql, within } from './fragment.js';
import { imageOf } from './rows.js';

/** The rows of one image in a table, as a list of lists. SQLite sorts rows for an aggregate even where an index has their order. */
const AGGREGATE: Readonly<Record<Dialect, (table: string, columns: string, order: string) => string>> = {
  sqlite: (table, columns, order) =>
    `(SELECT json_group_array(json_array(${columns})) FROM
      (SELECT ${columns} FROM ${table} WHERE image_id = i.id ORDER BY ${order}))`,
  postgresql: (table, columns, order) =>
    `(SELECT json_agg(json_build_array(${columns}) ORDER BY ${order})::text FROM ${table} WHERE image_id = i.id)`,
};

function columnsOf(dialect: Dialect): Fragment {
  const aggregate = AGGREGATE[dialect];
  return literal(
    `i.*, ${aggregate('image_properties', 'name, value', 'name')} AS properties,
    ${aggregate('image_tags', 'tag', 'tag')} AS tags,
    ${aggregate('image_locations', 'url, metadata, status, external', 'position')} AS locations`,
  );
}

const COLUMNS: Readonly<Record<Dialect, Fragment>> = {
  sqlite: columnsOf('sqlite'),
  postgresql: columnsOf('postgresql'),
};

/** Columns of a whole image from the relation `i`: one statement, so that no image is ever seen half changed. */
export function wholeImage(dialect: Dialect): Fragment {
  return COLUMNS[dialect];
}

/** The images of these ids, in no order. */
export async function loadImages(session: Session, ids: readonly ImageId[]): Promise<ReadonlyMap<ImageId, Image>> {
  if (ids.length === 0) return new Map();
  const rows = await session.rows(
    sql`SELECT ${wholeImage(session.dialect)} FROM images AS i WHERE ${within(literal('i.id'), ids)}`,
  );
  return new Map(rows.map(imageOf).map((image) => [image.id, image]));
}

/** Locks the row for the rest of the transaction where a database needs to be told; SQLite has one writer. */
export function forUpdate(session: Session): Fragment {
  return literal(session.dialect === 'postgresql' ? ' FOR UPDATE' : '');
}
