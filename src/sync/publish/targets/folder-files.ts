import { chmod, link, lstat, open, readdir, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { syncFolder } from '../../../../stores/filesystem/folders.js';
import { isRegistryError, RegistryError } from '../../../domain/errors.js';
import { codeOf } from '../../../stream/file-errors.js';
import { makeFolders } from '../../../stream/make-folders.js';

/** Undefined for a file that is not there. */
export function unlessMissing(error: unknown): undefined {
  if (!['ENOENT', 'ENOTDIR'].includes(codeOf(error))) throw error;
  return undefined;
}

/** Says of an error of the file system which repository it concerns: full and denied by their names. */
export function placed(error: unknown, name: string): unknown {
  // What writes blobs speaks of the store of images, whose errors these are not.
  const cause = isRegistryError(error, 'storage-full') ? error.cause : error;
  switch (codeOf(cause)) {
    case 'ENOSPC':
    case 'EDQUOT':
    case 'SQLITE_FULL':
      return new RegistryError('storage-full', `There is no room left for the repository in ${name}.`, {
        cause: error,
      });
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new RegistryError('storage-denied', `The repository in ${name} may not be written.`, { cause: error });
    case 'EMLINK':
    case 'EXDEV':
    case 'ENOTSUP':
    case 'EOPNOTSUPP':
      return new RegistryError('storage-denied', `The file system of ${name} does not take hard links.`, {
        cause: error,
      });
    default:
      return error;
  }
}

/** Writes a new file and makes its bytes durable; its name is so when its folder is synced. */
export async function writeDurable(path: string, bytes: Uint8Array, mode: number): Promise<void> {
  const file = await open(path, 'wx', mode);
  try {
    await file.chmod(mode);
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Replaces a file, all or nothing, by way of a folder for unfinished things on the same file system. */
export async function replaceFile(path: string, bytes: Uint8Array, scratch: string, mode: number): Promise<void> {
  const temporary = join(scratch, `${basename(path)}.${process.pid}.${Math.random().toString(36).slice(2)}`);
  try {
    await writeDurable(temporary, bytes, mode);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncFolder(dirname(path));
}

/** A second name of a file; one that is there already is taken for the same. */
export async function linkFile(from: string, to: string): Promise<void> {
  await link(from, to).catch((error: unknown) => {
    if (codeOf(error) !== 'EEXIST') throw error;
  });
}

/** Names in a folder; none when it is not there. */
export async function namesIn(folder: string): Promise<readonly string[]> {
  return (await readdir(folder).catch(unlessMissing)) ?? [];
}

/** A text; undefined when it is not there. */
export async function textOf(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch(unlessMissing);
}

/** Moves a tree out of sight in one step, then removes it: a kill in between leaves only what the next repair takes. */
export async function removeTree(path: string, scratch: string): Promise<void> {
  const doomed = join(scratch, `old-${basename(path)}-${Math.random().toString(36).slice(2)}`);
  const moved = await rename(path, doomed).then(() => true, unlessMissing);
  if (moved) await rm(doomed, { recursive: true, force: true });
}

/** When a folder was changed last, in milliseconds of the epoch. */
export async function timeOf(path: string): Promise<number> {
  return (await stat(path)).mtimeMs;
}

/** Says that a folder was changed now. */
export async function touchNow(path: string): Promise<void> {
  const now = new Date();
  await utimes(path, now, now);
}

/** Whether anything has this name, a dangling link too. */
export async function exists(path: string): Promise<boolean> {
  return (await lstat(path).catch(unlessMissing)) !== undefined;
}

/** Makes a folder where there is none, with this mode whatever the umask. */
export async function makeFolder(path: string, mode: number): Promise<void> {
  if (await makeFolders(path, mode)) await chmod(path, mode);
}
