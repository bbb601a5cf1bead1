import type { ImageChange, ImageId } from '../../domain/image.js';
import type { Session } from './database.js';
import { type Columns, insertInto, literal, sql, within } from './fragment.js';

/** Rows of one INSERT: databases limit the number of values. */
const BATCH = 200;

/** Writes what a change says of properties, tags and locations. */
export async function writeDetails(session: Session, image: ImageId, change: ImageChange): Promise<void> {
  const { properties, tags, locations } = change;
  if (properties !== undefined) {
    const names = [...properties.set.keys()];
    if (properties.purge) await session.run(sql`DELETE FROM image_properties WHERE image_id = ${image}`);
    else if (names.length > 0) {
      await session.run(
        sql`DELETE FROM image_properties WHERE image_id = ${image} AND ${within(literal('name'), names)}`,
      );
    }
    await insertAll(
      session,
      'image_properties',
      [...properties.set].map(([name, value]) => ({ image_id: image, name, value })),
    );
  }
  if (tags !== undefined) {
    await session.run(sql`DELETE FROM image_tags WHERE image_id = ${image}`);
    await insertAll(
      session,
      'image_tags',
      [...tags].map((tag) => ({ image_id: image, tag })),
    );
  }
  if (locations !== undefined) {
    await session.run(sql`DELETE FROM image_locations WHERE image_id = ${image}`);
    await insertAll(
      session,
      'image_locations',
      locations.map(({ url, metadata, status, external }, position) => ({
        image_id: image,
        position,
        url,
        metadata: JSON.stringify(metadata),
        status,
        external: external === undefined ? null : JSON.stringify(external),
      })),
    );
  }
}

async function insertAll(session: Session, table: string, rows: readonly Columns[]): Promise<void> {
  for (let start = 0; start < rows.length; start += BATCH) {
    const [first, ...rest] = rows.slice(start, start + BATCH);
    if (first !== undefined) await session.run(insertInto(table, [first, ...rest]));
  }
}
