import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { connect, migrate } from '../src/registry/sql/index.js';
import { quietLog } from '../test/support/quiet-log.js';
import { seedImages } from './seed-images.js';
import { downloadV2, draft, fill, load, removeV2, uploadV2 } from './support/load.js';
import { median, randomFile, report } from './support/measure.js';
import { createSite, startServer } from './support/server.js';

// Rates of API v2 with 1 000 images on SQLite, beside those of a real Glance when its URL is given (noauth, SQLite, file store):
// node dist/bench/api.js [--glance http://127.0.0.1:9392] [--rows 1000000] [--workers 2]
const { values: args } = parseArgs({
  options: { glance: { type: 'string' }, rows: { type: 'string' }, workers: { type: 'string' } },
});
const RUNS = 3;
const MEBIBYTES = 1024;
const files = await createSite();
const FILE = join(files.folder, 'image.raw');
await randomFile(FILE, MEBIBYTES);
const FLOORS = { page: 25, show: 25, create: 15, upload: 1.4, download: 0.9 };
type Figure = keyof typeof FLOORS;

/** Requests per second, and MiB per second for bytes: medians of several runs. */
async function measure(url: string): Promise<Record<Figure, number> & { p99: number }> {
  const ids = await fill(url, 1000);
  const runs: Record<Figure | 'p99', number[]> = { page: [], show: [], create: [], upload: [], download: [], p99: [] };
  for (let run = 0; run < RUNS; run += 1) {
    const page = await load(url, () => ({ method: 'GET', path: '/v2/images?limit=25' }));
    runs.page.push(page.rate);
    runs.p99.push(page.p99);
    const show = await load(url, (round) => ({ method: 'GET', path: `/v2/images/${ids[round % ids.length]}` }));
    runs.show.push(show.rate);
    const { id, taken } = await uploadV2(url, FILE);
    runs.upload.push(MEBIBYTES / taken);
    runs.download.push(MEBIBYTES / (await downloadV2(url, id)));
    await removeV2(url, id);
  }
  // Last, for it adds to the 1 000.
  for (let run = 0; run < RUNS; run += 1) {
    const create = await load(url, (round) => ({
      method: 'POST',
      path: '/v2/images',
      body: JSON.stringify(draft(round)),
    }));
    runs.create.push(create.rate);
  }
  const figure = (name: keyof typeof runs) => median(runs[name]);
  const [page, show, create] = [figure('page'), figure('show'), figure('create')];
  return { page, show, create, upload: figure('upload'), download: figure('download'), p99: figure('p99') };
}

async function measureOurs(workers: number): Promise<Awaited<ReturnType<typeof measure>>> {
  const site = await createSite({ workers });
  try {
    const server = await startServer(site);
    try {
      return await measure(server.url);
    } finally {
      await server.stop();
    }
  } finally {
    await site.remove();
  }
}

/** Rates of a page at so many images, by age and by name among those of one format, relative to the rates at 1 000. */
async function measureGrowth(rows: number): Promise<void> {
  const paths = { page: '/v2/images?limit=25', 'page by name': '/v2/images?limit=25&status=active&sort=name:asc' };
  const rates: Record<string, number[]> = {};
  for (const count of [1000, rows]) {
    const site = await createSite();
    const database = await connect({ connection: site.database }, quietLog());
    await migrate(database);
    await seedImages(database, count);
    await database.close();
    const server = await startServer(site);
    for (const [name, path] of Object.entries(paths)) {
      const { rate } = await load(server.url, () => ({ method: 'GET', path }));
      rates[name] = [...(rates[name] ?? []), rate];
    }
    await server.stop();
    await site.remove();
  }
  for (const [name, [few = 0, many = 0]] of Object.entries(rates)) {
    report(`${name} at ${rows} images, relative to 1 000`, many / few, '', { atLeast: 0.5 });
  }
}

const ours = await measureOurs(Number(args.workers ?? 0));
const show = (name: string, figures: typeof ours): void =>
  console.log(
    `     ${name}: page ${figures.page.toFixed(0)}/s (p99 ${figures.p99.toFixed(1)} ms), show ${figures.show.toFixed(0)}/s, ` +
      `create ${figures.create.toFixed(0)}/s, upload ${figures.upload.toFixed(0)} MiB/s, download ${figures.download.toFixed(0)} MiB/s`,
  );
show(`Glimpse, workers = ${args.workers ?? 0}`, ours);
report('page of 25, p99 at 8 connections', ours.p99, 'ms', { atMost: 15 });
if (args.glance !== undefined) {
  const theirs = await measure(args.glance);
  show('Glance', theirs);
  for (const [name, floor] of Object.entries(FLOORS)) {
    const figure = (figures: Readonly<Record<string, number>>) => figures[name] ?? Number.NaN;
    report(`${name}, relative to Glance`, figure({ ...ours }) / figure({ ...theirs }), '', { atLeast: floor });
  }
}
if (args.rows !== undefined) await measureGrowth(Number(args.rows));
await files.remove();
