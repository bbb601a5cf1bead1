import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { exchange, request } from './raw-http.js';

/** Options of glance-api.conf by section. */
export type Settings = Readonly<Record<string, Readonly<Record<string, string | number | boolean>>>>;

const PROGRAM = fileURLToPath(new URL('../../src/cli/glance-api.js', import.meta.url));
const PASTE = fileURLToPath(new URL('../../../test/support/glance-api-paste.ini', import.meta.url));
const START_MS = 30_000;
const STOP_MS = 10_000;

/**
 * A real server with its own folder, database and configuration file, in a process of its own.
 * It can be stopped, killed and started again on what it left behind.
 */
export class ServerUnderTest {
  readonly folder = mkdtempSync(join(tmpdir(), 'glimpse-server-'));
  readonly images = join(this.folder, 'images');
  #child: ChildProcess | undefined;
  #output = '';

  private constructor(
    readonly port: number,
    settings: Settings,
  ) {
    writeFileSync(join(this.folder, 'glance-api.conf'), configText(this.folder, port, settings));
  }

  /** Starts a server with these settings over defaults for tests, and waits until it answers. */
  static async start(settings: Settings = {}): Promise<ServerUnderTest> {
    const server = new ServerUnderTest(await freePort(), settings);
    try {
      await server.start();
    } catch (error) {
      server.dispose();
      throw error;
    }
    return server;
  }

  get pid(): number {
    const pid = this.#child?.pid;
    if (pid === undefined) throw new Error('the server does not run');
    return pid;
  }

  get running(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** What the server wrote so far, over all its starts. */
  get output(): string {
    return this.#output;
  }

  /** Starts the server again. Throws with its output when it does not answer. */
  async start(): Promise<void> {
    const child = spawn(process.execPath, [PROGRAM, '--config-file', join(this.folder, 'glance-api.conf')], {
      cwd: this.folder,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    child.once('exit', (code, signal) => {
      this.#output += `the server ended with ${signal ?? `code ${code}`}\n`;
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#output += text;
      });
    }
    const deadline = Date.now() + START_MS;
    while (!(await this.#answers())) {
      if (!this.running || Date.now() > deadline) {
        throw new Error(`the server did not start:\n${this.#output.slice(-3000)}`);
      }
      await sleep(20);
    }
  }

  /** Asks the server to stop. Throws unless it does so by itself, in time and with exit code 0. */
  async stop(): Promise<void> {
    const end = await this.#signal('SIGTERM', STOP_MS);
    if (end !== 'code 0') throw new Error(`the server ended with ${end}:\n${this.#output.slice(-3000)}`);
  }

  /** Kills the server as a power failure would. */
  async kill(): Promise<void> {
    await this.#signal('SIGKILL', STOP_MS);
  }

  /** Kills what still runs and removes the folder. */
  dispose(): void {
    this.#child?.kill('SIGKILL');
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Names of all files below the data folder. */
  storedFiles(): readonly string[] {
    return readdirSync(this.images, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => entry.name);
  }

  /** How many file handles the server's process holds. */
  openHandles(): number {
    return readdirSync(`/proc/${this.pid}/fd`).length;
  }

  async #answers(): Promise<boolean> {
    try {
      return (await exchange(this.port, request('GET', '/versions', { Connection: 'close' })))?.status === 200;
    } catch {
      return false;
    }
  }

  async #signal(signal: NodeJS.Signals, patience: number): Promise<string> {
    const child = this.#child;
    if (child === undefined) throw new Error('the server does not run');
    if (this.running) {
      const exit = once(child, 'exit');
      child.kill(signal);
      const timer = setTimeout(() => child.kill('SIGKILL'), patience);
      await exit;
      clearTimeout(timer);
    }
    this.#child = undefined;
    return child.signalCode === null ? `code ${child.exitCode}` : child.signalCode;
  }
}

function configText(folder: string, port: number, settings: Settings): string {
  const defaults: Settings = {
    DEFAULT: { bind_host: '127.0.0.1', bind_port: port, workers: 0 },
    database: { connection: `sqlite:///${folder}/images.sqlite` },
    glance_store: { stores: 'file,http', default_store: 'file', filesystem_store_datadir: `${folder}/images` },
    paste_deploy: { config_file: PASTE },
    glimpse: { auto_migrate: true },
  };
  return [...new Set([...Object.keys(defaults), ...Object.keys(settings)])]
    .map((section) => {
      const options = Object.entries({ ...defaults[section], ...settings[section] });
      return [`[${section}]`, ...options.map(([name, value]) => `${name} = ${value}`), ''].join('\n');
    })
    .join('\n');
}

/** A port of the loopback interface that nobody listens on. */
export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}
