import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ExecutionContext } from 'ava';
import { exchange, request } from './raw-http.js';
import { freePort } from './server.js';

const SAMPLE = join(import.meta.dirname, '../../../etc/nginx/repository.conf');
/** Undefined where it is not installed. */
export const NGINX = ['/usr/sbin/nginx', 'nginx'].find((path) => spawnSync(path, ['-v']).status === 0);

/** nginx with the sample for repositories as it is, but for the port and the folder; resolves with the port. */
export async function nginxWithSample(t: ExecutionContext, folder: string): Promise<number> {
  const port = await freePort();
  const work = mkdtempSync(join(tmpdir(), 'glimpse-nginx-'));
  const sample = readFileSync(SAMPLE, 'utf8');
  t.true(sample.includes('listen 8080;') && sample.includes('root /srv/repository/current;'));
  const server = sample
    .replace('listen 8080;', `listen 127.0.0.1:${port};`)
    .replace('root /srv/repository/current;', `root ${folder}/current;`);
  writeFileSync(join(work, 'repository.conf'), server);
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  const paths = temporary.map((name) => `${name}_temp_path ${work}/${name};`).join('\n');
  const user = process.getuid?.() === 0 ? 'user root;' : '';
  writeFileSync(
    join(work, 'nginx.conf'),
    `${user}\npid ${work}/pid;\ndaemon off;\nerror_log stderr;\nevents {}\nhttp {\naccess_log off;\n${paths}\ninclude ${work}/repository.conf;\n}\n`,
  );
  const child = spawn(NGINX ?? '', ['-p', work, '-c', join(work, 'nginx.conf')], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let output = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  t.teardown(async () => {
    await ended(child);
    rmSync(work, { recursive: true });
  });
  for (let tries = 0; !(await answers(port)); tries += 1) {
    if (child.exitCode !== null || tries > 500) throw new Error(`nginx did not start: ${output}`);
    await sleep(20);
  }
  return port;
}

async function answers(port: number): Promise<boolean> {
  return exchange(port, request('GET', '/', { Connection: 'close' })).then(
    (answer) => answer !== undefined,
    () => false,
  );
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  await exit;
}
