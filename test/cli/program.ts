import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ExecutionContext } from 'ava';

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A folder to run programs in, removed when the test ends. */
export function workFolder(t: ExecutionContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'glimpse-cli-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** Runs one of the entries of package.json to its end, in an environment without configuration; `when` sees its stdout as it grows. */
export function program(
  entry: 'main' | 'cli/glance-api' | 'cli/glance-manage' | 'cli/image-sync',
  argv: readonly string[],
  cwd: string,
  when: (stdout: string, kill: (signal: NodeJS.Signals) => void) => void = () => {},
  env: Readonly<Record<string, string>> = {},
  started: (kill: (signal: NodeJS.Signals) => void) => void = () => {},
): Promise<Outcome> {
  const path = fileURLToPath(new URL(`../../src/${entry}.js`, import.meta.url));
  const child = spawn(process.execPath, [path, ...argv], {
    cwd,
    env: { ...env, HOME: cwd, PATH: process.env.PATH },
    stdio: 'pipe',
  });
  started((signal) => child.kill(signal));
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
    when(stdout, (signal) => child.kill(signal));
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
}
