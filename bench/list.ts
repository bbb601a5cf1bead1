import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import type { Image } from '../src/domain/image.js';
import type { Branch, ImageFilter, ImageQuery, SortKey } from '../src/domain/ports/images.js';
import { sql } from '../src/registry/sql/fragment.js';
import { createRegistry, type Database } from '../src/registry/sql/index.js';
import { text } from '../src/registry/sql/rows.js';
import { openMigrated } from '../test/support/databases.js';
import { steadyClock } from '../test/support/image-factory.js';
import { startPostgres } from '../test/support/postgres.js';
import { seedImages } from './seed-images.js';

// Times of one page of 25 images as API v1 asks for it, in milliseconds: how they grow with the table.
// node dist/bench/list.js --rows 1000,100000,1000000 --db sqlite,postgres

const LIMIT = 25;
const ROUNDS = 40;
const SORTS: readonly (readonly [SortKey, string])[] = [
  [{ field: 'createdAt', direction: 'desc' }, 'created_at DESC, id DESC'],
  [{ field: 'name', direction: 'asc' }, 'name_key ASC, created_at ASC, id ASC'],
  [{ field: 'size', direction: 'desc' }, 'size_key DESC, created_at DESC, id DESC'],
];
const tenant = (owner: string): readonly Branch[] => [
  { of: 'visibility', visibility: 'public' },
  { of: 'owner', owner },
  { of: 'member', member: owner },
];
const EYES: Readonly<Record<string, readonly Branch[]>> = {
  admin: [{ of: 'everything' }],
  tenant: tenant('tenant-7'),
  'big tenant': tenant('big'),
};
const FILTERS: Readonly<Record<string, readonly ImageFilter[]>> = {
  none: [],
  'status=active': [{ by: 'text', field: 'status', in: ['active'] }],
  'status=queued': [{ by: 'text', field: 'status', in: ['queued'] }],
  'common property': [{ by: 'property', name: 'os_type', value: 'linux' }],
  'rare property': [{ by: 'property', name: 'golden', value: 'yes' }],
};

interface Figure {
  readonly median: number;
  readonly p99: number;
}
type Figures = Map<string, Figure>;

async function measure(db: Database, rows: number): Promise<Figures> {
  const { images } = createRegistry(db, steadyClock());
  const figures: Figures = new Map();
  for (const [key, order] of SORTS) {
    const middle = await markerAt(db, order, Math.floor(rows * 0.48));
    for (const [who, scope] of Object.entries(EYES)) {
      for (const [filter, filters] of Object.entries(FILTERS)) {
        for (const marker of [undefined, await images.get(middle, { kind: 'admin', seesDeleted: true })]) {
          const query: ImageQuery = {
            scope,
            filters: [{ by: 'not-text', field: 'status', in: ['killed'] }, ...filters],
            sort: [key],
            limit: LIMIT,
            deleted: 'exclude',
            ...(marker && { marker }),
          };
          const label = [
            who.padEnd(10),
            key.field.padEnd(9),
            (marker ? 'middle' : 'first').padEnd(6),
            filter.padEnd(15),
          ];
          figures.set(label.join('  '), await time(() => images.list(query)));
        }
      }
    }
  }
  return figures;
}

async function markerAt(db: Database, order: string, offset: number): Promise<Image['id']> {
  const statement = sql`SELECT id FROM images WHERE deleted = 0 ORDER BY `;
  const rows = await db.read((session) =>
    session.rows({ ...statement, text: `${statement.text}${order} LIMIT 1 OFFSET ${offset}` }),
  );
  return text(rows[0]?.id);
}

async function time(work: () => Promise<unknown>): Promise<Figure> {
  const times: number[] = [];
  for (let round = -3; round < ROUNDS; round++) {
    const start = performance.now();
    await work();
    if (round >= 0) times.push(performance.now() - start);
  }
  times.sort((a, b) => a - b);
  return { median: times[ROUNDS / 2] ?? 0, p99: times[Math.ceil(ROUNDS * 0.99) - 1] ?? 0 };
}

function print(name: string, results: ReadonlyMap<number, Figures>): void {
  const sizes = [...results.keys()];
  const last = results.get(sizes.at(-1) ?? 0);
  const ratios: number[] = [];
  console.log(`\n${name}: median / p99 in ms at ${sizes.join(', ')} images; ratio of the medians, last to first`);
  for (const label of last?.keys() ?? []) {
    const cells = sizes.map((size) => results.get(size)?.get(label) ?? { median: 0, p99: 0 });
    const ratio = (cells.at(-1)?.median ?? 0) / (cells[0]?.median ?? 1);
    ratios.push(ratio);
    const columns = cells.map(({ median, p99 }) => `${median.toFixed(2)} / ${p99.toFixed(2)}`.padStart(15));
    console.log(`${label}${columns.join('')}${ratio.toFixed(2).padStart(8)}`);
  }
  ratios.sort((a, b) => a - b);
  const slowest = Math.max(...[...(last?.values() ?? [])].map(({ median }) => median));
  console.log(
    `ratio: median ${ratios[Math.floor(ratios.length / 2)]?.toFixed(2)}, largest ${ratios.at(-1)?.toFixed(2)}`,
  );
  console.log(`slowest median at ${sizes.at(-1)} images: ${slowest.toFixed(2)} ms`);
}

async function run(
  name: string,
  sizes: readonly number[],
  connection: (size: number) => Promise<string>,
): Promise<void> {
  const results = new Map<number, Figures>();
  for (const size of sizes) {
    const db = await openMigrated(await connection(size));
    try {
      await seedImages(db, size);
      results.set(size, await measure(db, size));
    } finally {
      await db.close();
    }
  }
  print(name, results);
}

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '1000,100000,1000000' },
    db: { type: 'string', default: 'sqlite,postgres' },
  },
});
const sizes = values.rows.split(',').map(Number);
const kinds = values.db.split(',');
if (kinds.includes('sqlite')) {
  const folder = await mkdtemp(join(tmpdir(), 'glimpse-bench-'));
  try {
    await run('SQLite', sizes, async (size) => `sqlite:///${join(folder, `${size}.sqlite`)}`);
  } finally {
    await rm(folder, { recursive: true });
  }
}
if (kinds.includes('postgres')) {
  const server = await startPostgres();
  try {
    await run('PostgreSQL', sizes, () => server.createDatabase());
  } finally {
    await server.stop();
  }
}
