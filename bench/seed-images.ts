import type { Database, Session } from '../src/registry/sql/database.js';
import { literal, sql } from '../src/registry/sql/fragment.js';
import { text } from '../src/registry/sql/rows.js';

/** Rows of one INSERT: SQLite keeps an unfinished transaction's pages in memory and log. */
const BATCH = 100_000;

/**
 * Fills a migrated, empty database with a cloud's worth of images: 1000 tenants, one of them with 5 % of all images; 2 % public,
 * 10 % shared with two tenants each, 0.5 % queued, 1 % killed, 4 % deleted; half of them have os_type=linux, ten have golden=yes.
 */
export async function seedImages(db: Database, rows: number): Promise<void> {
  const indexes = await db.write(dropIndexes);
  for (let first = 1; first <= rows; first += BATCH) {
    await db.write((session) => insertBatch(session, first, Math.min(rows, first + BATCH - 1), rows));
  }
  for (const index of indexes) await db.write((session) => session.run(literal(index)));
  if (db.dialect === 'postgresql') await db.write((session) => session.run(sql`ANALYZE`));
}

/** Indexes are made again afterwards, which is many times faster than filling them row by row. */
async function dropIndexes(session: Session): Promise<readonly string[]> {
  const rows = await session.rows(
    session.dialect === 'sqlite'
      ? sql`SELECT name, sql AS made FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL`
      : sql`SELECT indexname AS name, indexdef AS made FROM pg_indexes
          WHERE schemaname = 'public' AND indexname NOT LIKE '%_pkey' AND indexname NOT LIKE '%_key'
            AND tablename NOT LIKE 'schema%'`,
  );
  for (const row of rows) await session.run(literal(`DROP INDEX ${text(row.name)}`));
  return rows.map((row) => text(row.made));
}

async function insertBatch(session: Session, first: number, last: number, rows: number): Promise<void> {
  const numbers = literal(
    session.dialect === 'sqlite'
      ? `WITH RECURSIVE numbers(n) AS (SELECT ${first} UNION ALL SELECT n + 1 FROM numbers WHERE n < ${last})`
      : `WITH numbers(n) AS (SELECT generate_series(${first}::bigint, ${last}::bigint))`,
  );
  const hex = session.dialect === 'sqlite' ? "printf('%08x', $)" : "lpad(to_hex($), 8, '0')";
  // Spread by a multiplication, so that ids do not come in the order of creation.
  const spread = hex.replace('$', '(n * 2654435761) % 4294967296');
  // Attributes drawn independently of each other: `draw(7, 50)` is true for one image in fifty.
  const draw = (series: number, oneIn: number) =>
    literal(`((n * ${series} + 12345) % 1000003) * 7919 % 999983 % ${oneIn} = 0`);
  const id = literal(`${spread} || '-0000-4000-8000-0000' || ${hex.replace('$', 'n')}`);
  const deleted = draw(101, 25);
  const shared = sql`NOT ${draw(211, 50)} AND ${draw(307, 10)}`;
  await session.run(sql`INSERT INTO images (id, name, status, visibility, owner, protected, os_hidden, disk_format,
      container_format, size, virtual_size, checksum, min_disk, min_ram, created_at, updated_at, deleted_at, deleted, revision)
    ${numbers} SELECT ${id}, 'image-' || (n * 104729 % 500009),
      CASE WHEN ${deleted} THEN 'deleted' WHEN ${draw(401, 200)} THEN 'queued' WHEN ${draw(503, 100)} THEN 'killed' ELSE 'active' END,
      CASE WHEN ${draw(211, 50)} THEN 'public' WHEN ${shared} THEN 'shared' WHEN ${draw(601, 100)} THEN 'community' ELSE 'private' END,
      CASE WHEN ${draw(701, 20)} THEN 'big' ELSE 'tenant-' || (n * 7919 % 1009 % 1000) END, 0, 0, 'qcow2', 'bare',
      (n * 7919 % 100003) * 65536, NULL, ${hexColumn(spread)}, 0, 0, 1500000000000000 + n * 1000000,
      1500000000000000 + n * 1000000, CASE WHEN ${deleted} THEN 1700000000000000 END,
      CASE WHEN ${deleted} THEN 1 ELSE 0 END, 1 FROM numbers`);
  await session.run(sql`INSERT INTO image_properties (image_id, name, value)
    ${numbers} SELECT ${id}, 'os_type', CASE WHEN ${draw(809, 2)} THEN 'linux' ELSE 'windows' END FROM numbers
    UNION ALL SELECT ${id}, 'build', 'build-' || n FROM numbers
    UNION ALL SELECT ${id}, 'golden', 'yes' FROM numbers WHERE n % ${literal(String(rows / 10))} = 0`);
  await session.run(sql`INSERT INTO image_members (image_id, member, can_share, status, created_at, updated_at)
    ${numbers} SELECT ${id}, 'tenant-' || (n * 31 % 1009 % 1000), 0, 'accepted', 0, 0 FROM numbers WHERE ${shared} AND NOT ${deleted}
    UNION ALL SELECT ${id}, 'big', 0, 'pending', 0, 0 FROM numbers WHERE ${shared} AND NOT ${deleted}`);
  await session.run(sql`INSERT INTO image_locations (image_id, position, url, metadata, status)
    ${numbers} SELECT ${id}, 0, 'file:///images/' || n, '{}', 'active' FROM numbers WHERE NOT ${draw(401, 200)}`);
}

function hexColumn(spread: string) {
  return literal(`${spread} || ${spread} || ${spread} || ${spread}`);
}
