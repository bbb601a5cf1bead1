import { chmod, constants, copyFile, link, mkdir, open, readFile, rename, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { syncFolder } from '../../../../stores/filesystem/folders.js';
import { codeOf } from '../../../stream/file-errors.js';
import { sideBySide } from '../../side-by-side.js';
import type { RepositoryFile } from '../ports.js';
import { unlessMissing, writeDurable } from './folder-files.js';

/** Files that wait for the disk at once. */
const AT_ONCE = 8;

export interface TreeParts {
  /** Where the tree is made; not there yet. */
  readonly tree: string;
  readonly pool: string;
  /** The tree of the generation before, of which everything that did not change is linked. */
  readonly before: string | undefined;
  readonly files: readonly RepositoryFile[];
  readonly signal: AbortSignal;
  step(name: string): Promise<void> | void;
}

/** Makes a whole generation: blobs and what did not change as hard links, the rest written, everything durable. */
export async function makeTree({ tree, pool, before, files, signal, step }: TreeParts): Promise<void> {
  const folders = await makeFolders(tree, files);
  await step('tree-begun');
  const half = Math.floor(files.length / 2);
  let done = 0;
  await sideBySide(files, AT_ONCE, async ({ path, content }) => {
    signal.throwIfAborted();
    const to = join(tree, path);
    if ('blob' in content) {
      await nameBlob(join(pool, content.blob), to);
    } else if ('kept' in content) {
      if (before !== undefined) await nameAgain(join(before, path), to).catch(unlessMissing);
    } else if (!(before !== undefined && (await linkSame(join(before, path), to, content.text)))) {
      await writeDurable(to, content.text, 0o644);
    }
    done += 1;
    if (done === half) await step('tree-half');
  });
  await sideBySide(folders, AT_ONCE, syncFolder);
  await step('tree-written');
}

/** Returns the folders, the deepest first. */
async function makeFolders(tree: string, files: readonly RepositoryFile[]): Promise<readonly string[]> {
  const paths = new Set([tree]);
  for (const { path } of files) {
    for (let folder = dirname(path); folder !== '.'; folder = dirname(folder)) {
      const full = join(tree, folder);
      if (paths.has(full)) break;
      paths.add(full);
    }
  }
  const byDepth = [...paths].sort((a, b) => a.length - b.length);
  for (const folder of byDepth) {
    await mkdir(folder);
    // The umask took its part, and a repository is for everybody.
    await chmod(folder, 0o755);
  }
  return byDepth.reverse();
}

/** Links a file of the generation before when it has the very bytes; whether it did. */
async function linkSame(from: string, to: string, bytes: Uint8Array): Promise<boolean> {
  const found = await stat(from).catch(unlessMissing);
  if (found === undefined || !found.isFile() || found.size !== bytes.byteLength) return false;
  if (!(await readFile(from)).equals(bytes)) return false;
  await nameAgain(from, to);
  return true;
}

/** A file system gives a file only so many names (ext4 65 000): a blob that has them all goes on as a copy of itself. */
async function nameBlob(blob: string, to: string): Promise<void> {
  for (let tries = 3; ; tries -= 1) {
    try {
      return await link(blob, to);
    } catch (error) {
      if (tries === 0 || codeOf(error) !== 'EMLINK') throw error;
      await copyDurable(blob, to);
      await rename(to, blob);
    }
  }
}

/** Another name for a file of the generation before, or a copy of it when it has as many as it may. */
async function nameAgain(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    if (codeOf(error) !== 'EMLINK') throw error;
    await copyDurable(from, to);
  }
}

async function copyDurable(from: string, to: string): Promise<void> {
  await copyFile(from, to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
  const file = await open(to, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}
