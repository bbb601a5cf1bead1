import { lstat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Location } from '../../src/domain/location.js';
import type { Store } from '../../src/domain/ports/store.js';
import { asReadError, asWriteError, rethrow } from '../../src/stream/file-errors.js';
import { openFile } from '../../src/stream/open-file.js';
import { prepareFolder } from './folders.js';
import { finalName, isIn, pathOf, temporaryName } from './names.js';
import type { FilesystemStoreOptions } from './options.js';
import { putFile } from './put.js';
import { removeFile, sweepFolders } from './sweep.js';

/** Glance's default of `filesystem_store_chunk_size`. */
const DEFAULT_CHUNK_BYTES = 65_536;

/** Images as files, one per image, in one or several folders. Throws an Error that names the folder when one cannot be made or written. */
export async function createFilesystemStore(options: FilesystemStoreOptions): Promise<Store> {
  const folders = options.datadirs.map(({ path }) => path);
  for (const folder of folders) await prepareFolder(folder);
  const path = (location: Location): string => pathOf(location, folders);
  return {
    id: options.id ?? 'file',
    schemes: ['file', 'filesystem'],
    can: { write: true, range: true, remove: true },
    description: {
      type: 'file',
      properties: {
        data_dir: folders.join(','),
        chunk_size: options.chunkBytes ?? DEFAULT_CHUNK_BYTES,
        thin_provisioning: false,
      },
    },
    owns: (location) => isIn(location, folders),
    filePath: path,
    put: (key, bytes, hint) => putFile(options, key, bytes, hint),
    open: async (location, range, signal) => openFile(path(location), range, signal),
    async size(location) {
      const found = await lstat(path(location)).catch(rethrow(asReadError));
      return found.size;
    },
    async remove(location) {
      await unlink(path(location)).catch(rethrow(asReadError));
    },
    sweep: (guide) => sweepFolders(folders, guide),
    async discard(key, worker) {
      const names = [temporaryName(key, worker), finalName(key)];
      for (const folder of folders) {
        for (const name of names) await removeFile(join(folder, name)).catch(rethrow(asWriteError));
      }
    },
    async close() {},
  };
}
