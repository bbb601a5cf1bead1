import type { RegistryError } from '../../domain/errors.js';
import type { Expected, Image, ImageChange, ImageId } from '../../domain/image.js';
import type { Clock } from '../../domain/ports/clock.js';
import type { ImageQuery, ImageRegistry, ImageStanding, Page, Viewer } from '../../domain/ports/images.js';
import { checkKey, checkValues, isStorable } from '../check.js';
import { conflict, missing, taken } from '../refusals.js';
import { isVisible } from '../visibility.js';
import { type Database, isTaken, type Session } from './database.js';
import { assignments, insertInto, literal, sql, within } from './fragment.js';
import { listImages } from './list-images.js';
import { forUpdate, loadImages, wholeImage } from './load-images.js';
import { columnsOf, imageOf, number, text } from './rows.js';
import { writeDetails } from './write-details.js';

/** Ids of one statement: databases limit the number of values. */
const BATCH = 500;

export class SqlImageRegistry implements ImageRegistry {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
  ) {}

  async add(image: Image): Promise<void> {
    checkKey('id', image.id);
    const { properties, ...rest } = image;
    const change: ImageChange = { ...rest, properties: { set: properties, purge: false } };
    checkValues(change);
    const row = {
      ...columnsOf(change),
      id: image.id,
      created_at: image.createdAt,
      updated_at: image.updatedAt,
      deleted_at: image.deletedAt,
      deleted: Number(image.deleted),
      revision: image.revision,
    };
    await this.database.write(async (session) => {
      await session.run(insertInto('images', [row])).catch((error: unknown) => {
        throw isTaken(error) ? taken(image.id) : error;
      });
      // After the insert: a purge of the same id going on meanwhile has written its tombstone by now.
      const purged = await session.rows(sql`SELECT id FROM tombstones WHERE id = ${image.id}`);
      if (purged.length > 0) throw taken(image.id);
      await writeDetails(session, image.id, change);
    });
  }

  async get(id: ImageId, viewer: Viewer): Promise<Image> {
    if (!isStorable(id)) throw missing(id);
    return await this.database.read(async (session) => {
      const tenant = viewer.kind === 'tenant' ? viewer.owner : null;
      const rows = await session.rows(
        sql`SELECT ${wholeImage(session.dialect)},
          (SELECT count(*) FROM image_members WHERE image_id = i.id AND member = ${tenant}) AS shared_with_viewer
          FROM images AS i WHERE i.id = ${id}`,
      );
      const [row] = rows;
      if (row === undefined) throw missing(id);
      const image = imageOf(row);
      if (!isVisible(image, viewer, number(row.shared_with_viewer) > 0)) throw missing(id);
      return image;
    });
  }

  list(query: ImageQuery): Promise<Page<Image>> {
    return listImages(this.database, query);
  }

  async change(id: ImageId, change: ImageChange, expected: Expected): Promise<Image> {
    checkValues(change);
    if (!isStorable(id)) throw missing(id);
    return await this.database.write(async (session) => {
      const set = { ...columnsOf(change), updated_at: this.clock.now() };
      const status = expected.status === undefined ? sql`` : sql` AND ${within(literal('status'), expected.status)}`;
      const revision = expected.revision === undefined ? sql`` : sql` AND revision = ${expected.revision}`;
      const changed = await session.run(
        sql`UPDATE images SET ${assignments(set)}, revision = revision + 1
          WHERE id = ${id} AND deleted = 0${status}${revision}`,
      );
      if (changed === 0) throw await refusal(session, id);
      await writeDetails(session, id, change);
      return await loaded(session, id);
    });
  }

  async delete(id: ImageId, as: 'deleted' | 'pending_delete', expected: Expected): Promise<Image> {
    if (!isStorable(id)) throw missing(id);
    return await this.database.write(async (session) => {
      await session.rows(sql`SELECT id FROM images WHERE id = ${id}${forUpdate(session)}`);
      const before = (await loadImages(session, [id])).get(id);
      if (before === undefined || before.deleted) throw missing(id);
      if (expected.status !== undefined && !expected.status.includes(before.status)) throw conflict(id);
      if (expected.revision !== undefined && expected.revision !== before.revision) throw conflict(id);
      const now = this.clock.now();
      const set = { status: as, deleted: 1, deleted_at: now, updated_at: now };
      await session.run(sql`UPDATE images SET ${assignments(set)}, revision = revision + 1 WHERE id = ${id}`);
      for (const table of ['image_members', 'retired_members', 'image_tags', 'image_properties']) {
        await session.run(sql`DELETE FROM ${literal(table)} WHERE image_id = ${id}`);
      }
      if (as === 'pending_delete') {
        await session.run(sql`UPDATE image_locations SET status = ${as} WHERE image_id = ${id}`);
      }
      return before;
    });
  }

  async standing(ids: readonly ImageId[]): Promise<ReadonlyMap<ImageId, ImageStanding>> {
    const known = new Map<ImageId, ImageStanding>();
    const storable = ids.filter(isStorable);
    for (let start = 0; start < storable.length; start += BATCH) {
      const batch = storable.slice(start, start + BATCH);
      for (const [id, standing] of await this.database.read((session) => standings(session, batch))) {
        known.set(id, standing);
      }
    }
    return known;
  }
}

async function standings(session: Session, ids: readonly ImageId[]): Promise<[ImageId, ImageStanding][]> {
  const rows = await session.rows(
    sql`SELECT image_id AS id, 2 AS rank FROM upload_leases WHERE ${within(literal('image_id'), ids)}
      UNION ALL SELECT id, 3 FROM tombstones WHERE ${within(literal('id'), ids)}
      UNION ALL SELECT id, CASE WHEN (deleted = 0 OR status = 'pending_delete')
        AND EXISTS (SELECT 1 FROM image_locations WHERE image_id = images.id) THEN 1 ELSE 3 END
        FROM images WHERE ${within(literal('id'), ids)}
      ORDER BY rank DESC`,
  );
  const names: Readonly<Record<number, ImageStanding>> = { 1: 'stored', 2: 'in-progress', 3: 'empty' };
  return rows.map((row) => [text(row.id), names[number(row.rank)] ?? 'empty']);
}

async function refusal(session: Session, id: ImageId): Promise<RegistryError> {
  const rows = await session.rows(sql`SELECT id FROM images WHERE id = ${id} AND deleted = 0`);
  return rows.length === 0 ? missing(id) : conflict(id);
}

async function loaded(session: Session, id: ImageId): Promise<Image> {
  const image = (await loadImages(session, [id])).get(id);
  if (image === undefined) throw missing(id);
  return image;
}
