import { access, open, statfs, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { RegistryError } from '../../src/domain/errors.js';
import { asWriteError } from '../../src/stream/file-errors.js';
import { makeFolders } from '../../src/stream/make-folders.js';
import type { Datadir } from './options.js';

/** Makes the folder where it is missing and writes to it once. Throws an Error that names the folder. */
export async function prepareFolder(path: string): Promise<void> {
  const probe = join(path, `.probe.${process.pid}`);
  try {
    await makeFolders(path, 0o750);
    await (await open(probe, 'w', 0o600)).close();
    await unlink(probe);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`The filesystem store cannot write to its folder ${path}: ${reason}`, { cause: error });
  }
}

/**
 * The folder for a new image: of those with room for `size` bytes (for one byte when the size is not known)
 * the first by priority, and among equals the roomiest. Throws storage-full when none has room, storage-denied when none can be looked at.
 */
export async function chooseFolder(datadirs: readonly Datadir[], size = 1): Promise<string> {
  const looked = await Promise.allSettled(
    datadirs.map(async (datadir) => ({ ...datadir, room: await room(datadir.path) })),
  );
  const seen = looked.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const [best] = seen
    .filter((folder) => folder.room >= size)
    .sort((a, b) => b.priority - a.priority || b.room - a.room);
  if (best) return best.path;
  const failure = looked.find((result) => result.status === 'rejected');
  if (failure && seen.length === 0) throw asWriteError(failure.reason);
  throw new RegistryError('storage-full', 'There is not enough disk space on the image storage media.');
}

/** Whether one of the folders holds a file of this name. */
export async function taken(folders: readonly string[], name: string): Promise<boolean> {
  const found = await Promise.all(
    folders.map((folder) =>
      access(join(folder, name)).then(
        () => true,
        () => false,
      ),
    ),
  );
  return found.includes(true);
}

/** Makes the names in a folder survive a power cut. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** Bytes that this process may still write there. */
async function room(path: string): Promise<number> {
  const { bavail, bsize } = await statfs(path);
  return bavail * bsize;
}
