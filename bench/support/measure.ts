import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}

/** Seconds that commands take side by side. Throws when one of them fails. */
export async function seconds(...commands: readonly (readonly [string, ...string[]])[]): Promise<number> {
  const started = performance.now();
  await Promise.all(commands.map(([program, ...args]) => run(program, args)));
  return (performance.now() - started) / 1000;
}

/** Uploads a file with curl, to the default store unless another is named, and returns the image's id. */
export async function upload(url: string, path: string, store?: string): Promise<string> {
  const headers = [
    'x-image-meta-name: bench',
    'x-image-meta-disk_format: raw',
    'x-image-meta-container_format: bare',
    'content-type: application/octet-stream',
    'expect:',
    ...(store === undefined ? [] : [`x-image-meta-store: ${store}`]),
  ].flatMap((header) => ['-H', header]);
  const args = ['-sS', '--fail', '-X', 'POST', ...headers, '-T', path, `${url}/v1/images`];
  const { stdout } = await run('curl', args);
  const id = /"id": ?"([^"]+)"/.exec(stdout)?.[1];
  if (!id) throw new Error(`No image id in: ${stdout}`);
  return id;
}

/** Downloads to nowhere with curl, the whole or the range `first-last`; seconds. */
export function download(url: string, range?: string): Promise<number> {
  return seconds(['curl', '-sS', '--fail', '-o', '/dev/null', ...(range === undefined ? [] : ['-r', range]), url]);
}

/** A file of random bytes, so that no layer can cheat. */
export async function randomFile(path: string, mebibytes: number): Promise<void> {
  await run('dd', ['if=/dev/urandom', `of=${path}`, 'bs=1M', `count=${mebibytes}`]);
}

/** Prints one figure with its limit, and makes the process fail when it is missed. */
export function report(
  name: string,
  value: number,
  unit: string,
  limit: { atLeast: number } | { atMost: number },
): void {
  const [met, text] =
    'atLeast' in limit
      ? [value >= limit.atLeast, `at least ${limit.atLeast}`]
      : [value <= limit.atMost, `at most ${limit.atMost}`];
  console.log(`${met ? 'ok  ' : 'MISS'} ${name}: ${value.toFixed(2)}${unit && ` ${unit}`} (${text})`);
  if (!met) process.exitCode = 1;
}
