import { type ExecFileSyncOptions, execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';

/** Whether this machine has a program; tests that need one it lacks are skipped. */
export function has(program: string): boolean {
  return spawnSync(program, ['--version'], { stdio: 'ignore' }).error === undefined;
}

/** A folder that is gone when the test is over. */
export function folder(t: ExecutionContext): string {
  const path = mkdtempSync(join(tmpdir(), 'keys-'));
  t.teardown(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** Exit code and everything that a program says. */
export function run(program: string, args: readonly string[], options: ExecFileSyncOptions = {}) {
  const { status, stdout, stderr } = spawnSync(program, [...args], { ...options, encoding: 'utf8' });
  return { status, text: `${stdout}${stderr}`, stdout };
}

/** GnuPG with a home of its own, whose agent ends with the test. */
export function gnupg(t: ExecutionContext) {
  const home = join(folder(t), 'g');
  mkdirSync(home, { mode: 0o700 });
  const env = { ...process.env, GNUPGHOME: home, LC_ALL: 'C' };
  t.teardown(() => void spawnSync('gpgconf', ['--kill', 'all'], { env }));
  const gpg = (args: readonly string[], input?: string | Uint8Array): Buffer =>
    execFileSync('gpg', ['--batch', '--quiet', '--yes', '--pinentry-mode', 'loopback', '--passphrase', '', ...args], {
      env,
      stdio: ['pipe', 'pipe', 'ignore'],
      ...(input === undefined ? {} : { input }),
    });
  return {
    gpg,
    env,
    /** A key that signs; `when` is the time it is made at, as 20200101T000000. */
    newKey(name: string, algorithm = 'ed25519', expires = 'never', when?: string): void {
      const clock = when === undefined ? [] : ['--faked-system-time', when];
      gpg([...clock, '--allow-weak-key-signatures', '--quick-gen-key', name, algorithm, 'sign', expires]);
    },
    publicKey: (name: string): Buffer => gpg(['--export', name]),
    secretKey: (name: string): Buffer => gpg(['--armor', '--export-secret-keys', name]),
  };
}
