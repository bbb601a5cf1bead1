import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { copyFile, link, mkdir, open, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Encoding } from '../src/compression/encoding.js';
import { writeSyncEntry } from '../src/sync/formats/sync-entry.js';
import { randomFile, report, seconds } from './support/measure.js';
import { runGlimpse } from './support/program.js';
import { createSite, type Site, startServer } from './support/server.js';
import { serveFolder } from './support/static-server.js';

/**
 * Mirroring a repository over HTTP: 1 000 images of which none changed, and 10 GiB in 20 images in full, into the registry of a configuration and into a
 * server by API v2, against the disk, the hashes and the expander by themselves.
 * `node dist/bench/sync.js [--mebibytes 512] [--images 20] [--compression none,gzip] [--to registry,v2]`
 */
const { values } = parseArgs({
  options: {
    mebibytes: { type: 'string', default: '512' },
    images: { type: 'string', default: '20' },
    small: { type: 'string', default: '1000' },
    compression: { type: 'string', default: 'none,gzip' },
    to: { type: 'string', default: 'registry,v2' },
    jobs: { type: 'string', default: '2' },
  },
});
const ALGORITHMS = ['md5', 'sha256', 'sha512'] as const;

interface Hashed {
  readonly size: number;
  readonly digests: Readonly<Record<(typeof ALGORITHMS)[number], string>>;
}

async function hashed(path: string): Promise<Hashed> {
  const hashes = ALGORITHMS.map((algorithm) => createHash(algorithm));
  for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024 })) {
    for (const hash of hashes) hash.update(chunk);
  }
  const [md5 = '', sha256 = '', sha512 = ''] = hashes.map((hash) => hash.digest('hex'));
  return { size: (await stat(path)).size, digests: { md5, sha256, sha512 } };
}

interface Offered {
  readonly stored: Hashed;
  readonly image: Hashed;
  readonly encoding: Encoding;
  /** The stored file. */
  readonly path: string;
}

/** A repository of so many images with the same bytes, in our publisher's layout. */
async function repository(folder: string, count: number, offered: Offered): Promise<void> {
  const lines: string[] = [];
  for (let index = 0; index < count; index += 1) {
    const place = `images/bench/${index}/20261120`;
    const text = writeSyncEntry({
      name: `Bench ${index}`,
      image: 'image.raw.stored',
      expand: offered.encoding,
      size: offered.image.size,
      expanded: offered.image.digests,
      stored: offered.encoding === 'none' ? { digests: {} } : offered.stored,
      version: '20261120',
      sets: [],
      tags: ['bench'],
      protected: false,
      derived: [],
      attributes: new Map([
        ['disk_format', 'raw'],
        ['container_format', 'bare'],
        ['is_public', 'True'],
      ]),
      properties: new Map([
        ['os_distro', 'bench'],
        ['os_version', String(index)],
      ]),
    });
    await mkdir(join(folder, place), { recursive: true });
    await writeFile(join(folder, place, 'image.properties'), text);
    await link(offered.path, join(folder, place, 'image.raw.stored'));
    lines.push(`${createHash('sha256').update(text).digest('hex')}  ${place}/image.properties\n`);
    lines.push(`${offered.stored.digests.sha256}  ${place}/image.raw.stored\n`);
  }
  await writeFile(join(folder, 'SHA256SUMS'), lines.join(''));
}

type Target = 'registry' | 'v2';

/** Runs `work` with the options that name a destination. */
async function into<T>(target: Target, site: Site, work: (options: readonly string[]) => Promise<T>): Promise<T> {
  if (target === 'registry') return work(['--config-file', site.config]);
  const server = await startServer(site);
  try {
    return await work(['--os-endpoint', server.url]);
  } finally {
    await server.stop();
  }
}

async function sync(site: Site, url: string, destination: readonly string[]) {
  const folders = ['--state-dir', join(site.folder, 'state'), '--work-dir', join(site.folder, 'work')];
  const started = performance.now();
  const { stdout, peakMiB } = await runGlimpse([
    'sync',
    ...destination,
    ...folders,
    ...['--unsigned', '--jobs', values.jobs, url],
  ]);
  return { taken: (performance.now() - started) / 1000, peakMiB, result: stdout.trim().split('\n').at(-1) };
}

/** 1 000 small images, nothing changed. */
async function unchanged(target: Target): Promise<void> {
  const site = await createSite();
  try {
    const count = Number(values.small);
    const path = join(site.folder, 'small');
    await writeFile(path, 'a small image');
    const one = await hashed(path);
    const folder = join(site.folder, 'public');
    await mkdir(folder);
    await repository(folder, count, { stored: one, image: one, encoding: 'none', path });
    const web = await serveFolder(folder);
    await into(target, site, async (destination) => {
      const first = await sync(site, web.url, destination);
      console.log(
        `     ${target}, ${count} new images: ${first.taken.toFixed(2)} s, peak ${first.peakMiB.toFixed(0)} MiB`,
      );
      const again = await sync(site, web.url, destination);
      console.log(`     ${again.result}`);
      report(`sync into ${target}, ${count} images, nothing changed`, again.taken, 's', { atMost: 5 });
      report('sync, peak memory then', again.peakMiB, 'MiB', { atMost: 200 });
    });
    await web.close();
  } finally {
    await site.remove();
  }
}

/** Large images in full, relative to the slowest of what has to be done with them. */
async function full(target: Target, encoding: Encoding): Promise<void> {
  const site = await createSite();
  try {
    const [count, mebibytes] = [Number(values.images), Number(values.mebibytes)];
    const raw = join(site.folder, 'image.raw');
    await randomFile(raw, mebibytes);
    const image = await hashed(raw);
    const path = encoding === 'none' ? raw : await compressed(raw);
    const folder = join(site.folder, 'public');
    await mkdir(folder);
    await repository(folder, count, { stored: await hashed(path), image, encoding, path });
    const rate = (taken: number) => mebibytes / taken;
    const disk = rate(await timed(() => copied(raw, join(site.folder, 'copy'))));
    const hashes = rate(await seconds(['md5sum', raw], ['sha256sum', raw], ['sha512sum', raw]));
    const expander =
      encoding === 'none'
        ? Number.POSITIVE_INFINITY
        : rate(await seconds(['sh', '-c', 'gzip -dc "$0" > /dev/null', path]));
    const slower = Math.min(disk, hashes, expander);
    const web = await serveFolder(folder);
    const { taken, peakMiB, result } = await into(target, site, (destination) => sync(site, web.url, destination));
    await web.close();
    const synced = (count * mebibytes) / taken;
    const sides = `disk ${disk.toFixed(0)}, hashes ${hashes.toFixed(0)}, expander ${expander.toFixed(0)}`;
    console.log(`     ${target}, ${encoding}: ${sides}, sync ${synced.toFixed(0)} MiB/s; ${result}`);
    report(`sync into ${target}, ${encoding}, relative to the slower of disk, hash and expander`, synced / slower, '', {
      atLeast: 0.7,
    });
    report(`sync into ${target}, ${encoding}, peak memory`, peakMiB, 'MiB', { atMost: 200 });
  } finally {
    await site.remove();
  }
}

async function compressed(raw: string): Promise<string> {
  const path = join(dirname(raw), 'image.raw.gz');
  await seconds(['sh', '-c', 'gzip -6 -n -c "$0" > "$1"', raw, `${path}.new`]);
  await rename(`${path}.new`, path);
  return path;
}

async function copied(from: string, to: string): Promise<void> {
  await copyFile(from, to);
  const handle = await open(to, 'r+');
  await handle.sync();
  await handle.close();
  await rm(to);
}

async function timed(work: () => Promise<void>): Promise<number> {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1000;
}

const targets = values.to.split(',').filter((target): target is Target => target === 'registry' || target === 'v2');
for (const target of targets) await unchanged(target);
for (const target of targets) {
  for (const encoding of values.compression.split(',')) {
    if (encoding === 'none' || encoding === 'gzip') await full(target, encoding);
  }
}
