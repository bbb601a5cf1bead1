import { execFileSync, spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { download, median, randomFile, report, upload } from './support/measure.js';
import { cpuSeconds, createSite, freePort, type Site, startServer, stop } from './support/server.js';

/** One stream of one image against nginx with sendfile on the very same file. */
const RUNS = 9;
const MEBIBYTES = 1024;

const site = await createSite();
try {
  const file = join(site.folder, 'image.raw');
  await randomFile(file, MEBIBYTES);
  const server = await startServer(site);
  const nginx = await startNginx(site);
  try {
    const id = await upload(server.url, file);
    const ours = { url: `${server.url}/v1/images/${id}`, pid: server.pid, seconds: [0], cpu: [0] };
    const theirs = { url: `${nginx.url}/${id}`, pid: nginx.pid, seconds: [0], cpu: [0] };
    // The first round warms the page cache up.
    for (let run = 0; run <= RUNS; run += 1) {
      for (const side of [ours, theirs]) {
        const before = await cpuSeconds(side.pid);
        side.seconds[run] = await download(side.url);
        side.cpu[run] = (await cpuSeconds(side.pid)) - before;
      }
    }
    const middle = (values: readonly number[]): number => median(values.slice(1));
    console.log(
      `     download: ${(MEBIBYTES / middle(ours.seconds)).toFixed(0)} MiB/s, nginx ${(MEBIBYTES / middle(theirs.seconds)).toFixed(0)} MiB/s`,
    );
    report('download, speed relative to nginx', middle(theirs.seconds) / middle(ours.seconds), '', { atLeast: 0.9 });
    report('download, CPU relative to nginx', middle(ours.cpu) / middle(theirs.cpu), '', { atMost: 2.5 });
  } finally {
    await stop(nginx.child);
    await server.stop();
  }
} finally {
  await site.remove();
}

async function startNginx({ folder, images }: Site) {
  const port = await freePort();
  const config = join(folder, 'nginx.conf');
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${folder}/n;`,
  );
  // As root nginx would give its worker away to a user who may not read the images.
  const user = process.getuid?.() === 0 ? 'user root;' : '';
  await writeFile(
    config,
    `daemon off; ${user} worker_processes 1; pid ${folder}/nginx.pid; error_log stderr; events {}
     http { access_log off; sendfile on; ${temporary.join(' ')}
            server { listen 127.0.0.1:${port}; root ${images}; } }`,
  );
  const child = spawn('nginx', ['-e', 'stderr', '-c', config], { stdio: ['ignore', 'ignore', 'inherit'] });
  await pause(500);
  // The master only watches: the CPU time is its worker's.
  const pid = Number(
    execFileSync('ps', ['--ppid', String(child.pid), '-o', 'pid='])
      .toString()
      .trim(),
  );
  return { child, pid, url: `http://127.0.0.1:${port}` };
}
