import { mkdtemp, readdir, readlink, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder of one test, under the system's temporary folder. */
export interface TestFolder {
  readonly path: string;
  /** Everything in it but finished images, and every file in it that this process has open. */
  leftovers(): Promise<readonly string[]>;
  remove(): Promise<void>;
}

export async function testFolder(): Promise<TestFolder> {
  const path = await mkdtemp(join(tmpdir(), 'glimpse-store-'));
  return {
    path,
    leftovers: async () => [...(await unfinished(path)), ...(await openFiles(path))],
    remove: () => rm(path, { recursive: true, force: true }),
  };
}

/** Files of a folder tree that are not named as an image is. */
async function unfinished(path: string): Promise<string[]> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory() && !/^[0-9a-f]{8}(-?[0-9a-f]{4}){3}-?[0-9a-f]{12}$/i.test(entry.name))
    .map((entry) => entry.name);
}

/** Files under a folder that this process has open. */
export async function openFiles(path: string): Promise<string[]> {
  const fds = await readdir('/proc/self/fd');
  const targets = await Promise.all(fds.map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')));
  return targets.filter((target) => target.startsWith(path));
}
