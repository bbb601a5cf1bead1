import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('../../src/cli/glance-api.js', import.meta.url));

/** A folder of one benchmark, with a configuration and an empty data folder. */
export interface Site {
  readonly folder: string;
  readonly config: string;
  readonly images: string;
  readonly url: string;
  /** `[database] connection`. */
  readonly database: string;
  remove(): Promise<void>;
}

/** The server as a user starts it. */
export interface BenchServer {
  readonly url: string;
  readonly pid: number;
  /** From the start of the process to the first answer. */
  readonly startSeconds: number;
  stop(): Promise<void>;
}

export interface SiteOptions {
  readonly workers?: number;
  /** The driver that takes uploads; `file` when absent. */
  readonly store?: string;
  /** Lines of `[glance_store]` that this driver needs. */
  readonly options?: readonly string[];
}

export async function createSite({ workers = 0, store = 'file', options = [] }: SiteOptions = {}): Promise<Site> {
  const folder = await mkdtemp(join(tmpdir(), 'glimpse-bench-'));
  const port = await freePort();
  const database = `sqlite:///${join(folder, 'glimpse.sqlite')}`;
  const [config, images] = [join(folder, 'glance-api.conf'), join(folder, 'images')];
  await mkdir(images);
  await writeFile(
    config,
    [
      `[DEFAULT]\nbind_host = 127.0.0.1\nbind_port = ${port}\nworkers = ${workers}`,
      `[database]\nconnection = ${database}`,
      `[glance_store]\nstores = ${[...new Set(['file', 'http', store])]}\ndefault_store = ${store}\nfilesystem_store_datadir = ${images}`,
      ...options,
      '[glimpse]\nauto_migrate = True\n',
    ].join('\n'),
  );
  const url = `http://127.0.0.1:${port}`;
  return { folder, config, images, url, database, remove: () => rm(folder, { recursive: true, force: true }) };
}

export async function startServer(site: Site): Promise<BenchServer> {
  const started = performance.now();
  const child = spawn(process.execPath, [PROGRAM, '--config-file', site.config], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  while (!(await answers(`${site.url}/v1/images`))) {
    if (child.exitCode !== null) throw new Error(`The server ended with ${child.exitCode}.`);
    await pause(2);
  }
  const startSeconds = (performance.now() - started) / 1000;
  return { url: site.url, pid: child.pid ?? 0, startSeconds, stop: () => stop(child) };
}

/** CPU seconds of a process so far, user and system. */
export async function cpuSeconds(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** MiB of memory that a process has (VmRSS) or had at most (VmHWM). */
export async function memoryMiB(pid: number, field: 'VmRSS' | 'VmHWM'): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]) / 1024;
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address ? address.port : 0;
}

/** Ends a process and waits for its end. */
export async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  await once(child, 'exit');
}

async function answers(url: string): Promise<boolean> {
  try {
    const answer = await fetch(url);
    await answer.arrayBuffer();
    return answer.status < 500;
  } catch {
    return false;
  }
}
