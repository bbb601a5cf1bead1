import { join } from 'node:path';
import { median, randomFile, report, seconds, upload } from './support/measure.js';
import { createSite, startServer } from './support/server.js';

/** Upload of one image against md5sum and sha512sum of the same file side by side: what the hashing alone costs on this machine. */
const RUNS = 7;
const MEBIBYTES = 1024;

const site = await createSite();
try {
  const file = join(site.folder, 'image.raw');
  await randomFile(file, MEBIBYTES);
  const server = await startServer(site);
  try {
    const ratios: number[] = [];
    const rates: number[] = [];
    // The first round warms caches and threads up.
    for (let run = 0; run <= RUNS; run += 1) {
      const sums = await seconds(['md5sum', file], ['sha512sum', file]);
      const started = performance.now();
      const id = await upload(server.url, file);
      const taken = (performance.now() - started) / 1000;
      await seconds(['curl', '-sS', '--fail', '-X', 'DELETE', `${server.url}/v1/images/${id}`]);
      if (run === 0) continue;
      ratios.push(sums / taken);
      rates.push(MEBIBYTES / taken);
    }
    console.log(`     upload: ${median(rates).toFixed(0)} MiB/s, ratios ${ratios.map((r) => r.toFixed(2)).join(' ')}`);
    report('upload, speed relative to md5sum and sha512sum', median(ratios), '', { atLeast: 0.6 });
  } finally {
    await server.stop();
  }
} finally {
  await site.remove();
}
