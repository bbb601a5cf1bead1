import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { median, report, upload } from './support/measure.js';
import { createSite, memoryMiB, startServer } from './support/server.js';

/** Memory of an idle server and of one with four large uploads at once, and the time to the first answer. */
const STARTS = 5;
const UPLOADS = 4;
const GIBIBYTE = 1024 ** 3;

const site = await createSite();
try {
  const file = join(site.folder, 'image.raw');
  const handle = await open(file, 'w');
  await handle.truncate(GIBIBYTE);
  await handle.close();
  // The first start makes the database, which the others find.
  await (await startServer(site)).stop();
  const starts: number[] = [];
  for (let run = 0; run < STARTS; run += 1) {
    const server = await startServer(site);
    starts.push(server.startSeconds);
    await server.stop();
  }
  report('first answer after the start', median(starts), 's', { atMost: 0.7 });
  const server = await startServer(site);
  try {
    await pause(2000);
    report('memory, idle', await memoryMiB(server.pid, 'VmRSS'), 'MiB', { atMost: 110 });
    await Promise.all(Array.from({ length: UPLOADS }, () => upload(server.url, file)));
    report('memory, peak with four uploads of 1 GiB at once', await memoryMiB(server.pid, 'VmHWM'), 'MiB', {
      atMost: 200,
    });
  } finally {
    await server.stop();
  }
} finally {
  await site.remove();
}
