import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { codeOf } from './file-errors.js';

/**
 * Makes a folder and those above it that are missing, with this mode but for the umask; whether the folder itself is new. Throws the error of the system.
 * Node's own way (`recursive`) goes round in circles, and never ends, where a file system has folders but takes none, as /proc.
 */
export async function makeFolders(path: string, mode = 0o777): Promise<boolean> {
  try {
    return await make(path, mode);
  } catch (error) {
    const parent = dirname(path);
    if (codeOf(error) !== 'ENOENT' || parent === path) throw error;
    await makeFolders(parent, mode);
    return make(path, mode);
  }
}

/** False for one that is there, or a link to one. */
async function make(path: string, mode: number): Promise<boolean> {
  try {
    await mkdir(path, { mode });
    return true;
  } catch (error) {
    // Not of EEXIST alone: a file system that may not be written says that first, of folders that are there, too.
    if (codeOf(error) !== 'ENOENT' && (await isFolder(path))) return false;
    throw error;
  }
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
