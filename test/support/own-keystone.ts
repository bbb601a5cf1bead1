import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { KeystoneDouble } from './keystone-double.js';
import { RealKeystone } from './real-keystone.js';

/** A Keystone of one test, that may be killed and started again. */
export interface OwnKeystone {
  readonly url: string;
  /** The login of the image service. */
  readonly service: { readonly username: string; readonly password: string; readonly project_name: string };
  /** A token of a new user with this role in a project. */
  token(role: 'admin' | 'member'): Promise<string>;
  kill(): Promise<void>;
  restart(): Promise<void>;
  close(): Promise<void>;
}

const SERVICE = { username: 'glance', password: 'secret', project_name: 'service' };
const ROLES = { admin: ['admin', 'member', 'reader'], member: ['member', 'reader'] };

/** The double: its connections are reset when it is killed. */
export async function doubleOfOwn(): Promise<OwnKeystone> {
  const double = await KeystoneDouble.start();
  return {
    url: double.url,
    service: SERVICE,
    token: async (role) => double.issue({ user: `u-${role}`, project: 'p', roles: ROLES[role] }),
    kill: () => double.stop(),
    restart: () => double.restart(),
    close: () => double.stop(),
  };
}

/** A real one, by a command that takes `--port` and `--dir`, says READY, and ends when the server that is its child does (start-keystone). */
export async function realOfOwn(command: string, port: number): Promise<OwnKeystone> {
  const folder = mkdtempSync(join(tmpdir(), 'glimpse-keystone-'));
  let running = await start(command, port, folder);
  const url = `http://127.0.0.1:${port}/v3`;
  const admin = await RealKeystone.connect({ url, user: 'admin:admin', key: SERVICE.password });
  const project = await admin.project();
  return {
    url,
    service: SERVICE,
    token: (role) => admin.member(project, role),
    async kill() {
      const gone = once(running, 'exit');
      const { stdout } = spawnSync('ps', ['-o', 'pid=', '--ppid', String(running.pid)], { encoding: 'utf8' });
      for (const pid of stdout.trim().split(/\s+/).map(Number)) if (pid > 1) process.kill(pid, 'SIGKILL');
      await gone;
    },
    async restart() {
      running = await start(command, port, folder);
    },
    async close() {
      const gone = once(running, 'exit');
      if (running.exitCode === null && running.kill('SIGTERM')) await gone;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function start(command: string, port: number, folder: string): Promise<ChildProcess> {
  const child = spawn(command, ['--port', String(port), '--dir', folder], { stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const line of createInterface({ input: child.stdout })) if (line === 'READY') return child;
  throw new Error('Keystone did not start');
}
