import { createHash, randomUUID } from 'node:crypto';
import { appendFile, copyFile, link, mkdir, open, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createRegistry } from '../src/registry/sql/index.js';
import { openMigrated } from '../test/support/databases.js';
import { anImage } from '../test/support/image-factory.js';
import { randomFile, report, seconds } from './support/measure.js';
import { runGlimpse } from './support/program.js';
import { createSite, type Site } from './support/server.js';

/**
 * Publishing 1 000 images of which none changed, and 10 GiB in 20 images in full, against the disk, the hashes and the compressor by themselves.
 * `node dist/bench/publish.js [--mebibytes 512] [--images 20] [--compression gzip,none]`
 */
const { values } = parseArgs({
  options: {
    mebibytes: { type: 'string', default: '512' },
    images: { type: 'string', default: '20' },
    small: { type: 'string', default: '1000' },
    compression: { type: 'string', default: 'none,gzip' },
  },
});
const MIB = 1024 * 1024;

/** Adds images to the registry of a site whose bytes are there already: links to these files, each with its hashes. */
async function register(site: Site, files: readonly string[]): Promise<void> {
  const db = await openMigrated(site.database);
  const { images } = createRegistry(db, { now: () => Date.now() * 1000 });
  for (const [index, file] of files.entries()) {
    const [md5, sha512] = await hashesOf(file);
    const id = randomUUID();
    const path = join(site.images, id);
    await link(file, path);
    await images.add(
      anImage({
        id,
        name: `Bench ${index}`,
        status: 'active',
        visibility: 'public',
        size: (await stat(file)).size,
        checksum: md5,
        hashAlgorithm: 'sha512',
        hashValue: sha512,
        locations: [{ url: `file://${path}`, metadata: {}, status: 'active' }],
      }),
    );
  }
  await db.close();
}

async function hashesOf(file: string): Promise<readonly [string, string]> {
  const hashes = [createHash('md5'), createHash('sha512')] as const;
  const handle = await open(file);
  const buffer = Buffer.alloc(4 * MIB);
  for (let read = await handle.read(buffer); read.bytesRead > 0; read = await handle.read(buffer)) {
    for (const hash of hashes) hash.update(buffer.subarray(0, read.bytesRead));
  }
  await handle.close();
  return [hashes[0].digest('hex'), hashes[1].digest('hex')];
}

async function publish(site: Site, target: string) {
  const started = performance.now();
  const options = ['--config-file', site.config, '--json', target];
  const { stdout, peakMiB } = await runGlimpse(['publish', ...options]);
  return { taken: (performance.now() - started) / 1000, peakMiB, result: stdout.trim() };
}

/** 1 000 small images, nothing changed. */
async function unchanged(): Promise<void> {
  const site = await createSite();
  try {
    const count = Number(values.small);
    const files: string[] = [];
    await mkdir(join(site.folder, 'sources'));
    for (let index = 0; index < count; index++) {
      const file = join(site.folder, 'sources', String(index));
      const handle = await open(file, 'w');
      await handle.write(createHash('sha512').update(String(index)).digest());
      await handle.close();
      files.push(file);
    }
    await register(site, files);
    const target = join(site.folder, 'public');
    const first = await publish(site, target);
    console.log(`     ${count} new images: ${first.taken.toFixed(2)} s, peak ${first.peakMiB.toFixed(0)} MiB`);
    const again = await publish(site, target);
    console.log(`     ${again.result}`);
    report(`publish, ${count} images, nothing changed`, again.taken, 's', { atMost: 10 });
    report('publish, peak memory then', again.peakMiB, 'MiB', { atMost: 200 });
  } finally {
    await site.remove();
  }
}

/** Large images in full, relative to the slowest of what has to be done with them. */
async function full(compression: string): Promise<void> {
  const site = await createSite();
  try {
    await appendFile(site.config, `[publish:all]\ncompression = ${compression}\n`);
    const [count, mebibytes] = [Number(values.images), Number(values.mebibytes)];
    const files: string[] = [];
    await mkdir(join(site.folder, 'sources'));
    for (let index = 0; index < count; index++) {
      const file = join(site.folder, 'sources', String(index));
      await randomFile(file, mebibytes);
      files.push(file);
    }
    await register(site, files);
    const sample = files[0] ?? '';
    const limits = () => limitsOf(sample, join(site.folder, 'copy'), compression);
    // Before and after: what else the machine does must not decide.
    const before = await limits();
    const { taken, peakMiB, result } = await publish(site, join(site.folder, 'public'));
    const after = await limits();
    const [disk = 0, hashes = 0, compressor = 0] = before.map((one, index) => (one + (after[index] ?? 0)) / 2);
    const slower = Math.min(disk, hashes, compressor);
    const published = (count * mebibytes) / taken;
    console.log(
      `     ${compression}: disk ${disk.toFixed(0)}, hashes ${hashes.toFixed(0)}, compressor ${compressor.toFixed(0)}, publish ${published.toFixed(0)} MiB/s; ${result}`,
    );
    report(`publish, ${compression}, relative to the slower of disk, hash and compressor`, published / slower, '', {
      atLeast: 0.7,
    });
    report(`publish, ${compression}, peak memory`, peakMiB, 'MiB', { atMost: 200 });
  } finally {
    await site.remove();
  }
}

/** MiB/s of the disk, the hashes and the compressor, each by itself. */
async function limitsOf(file: string, copy: string, compression: string): Promise<readonly number[]> {
  const rate = (taken: number) => Number(values.mebibytes) / taken;
  const disk = rate(await timed(() => copied(file, copy)));
  const hashes = rate(await seconds(['md5sum', file], ['sha256sum', file], ['sha512sum', file]));
  if (compression === 'none') return [disk, hashes, Number.POSITIVE_INFINITY];
  const packer = compression === 'gzip' ? 'gzip -6' : compression;
  return [disk, hashes, rate(await seconds(['sh', '-c', `${packer} -c "$0" > /dev/null`, file]))];
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

await unchanged();
for (const compression of values.compression.split(',')) await full(compression);
