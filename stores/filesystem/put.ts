import { link, lstat, rename, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { RegistryError } from '../../src/domain/errors.js';
import type { ImageId } from '../../src/domain/image.js';
import type { PutHint, Stored } from '../../src/domain/ports/store.js';
import { asWriteError, codeOf, rethrow } from '../../src/stream/file-errors.js';
import { FileWriter } from './file-writer.js';
import { chooseFolder, syncFolder, taken } from './folders.js';
import { finalName, temporaryName, urlOf } from './names.js';
import type { FilesystemStoreOptions } from './options.js';

/** Only the owner may change an image, only the group may read it. */
const DEFAULT_MODE = 0o640;

/**
 * Store.put of the filesystem store: writes beside the final name, makes the bytes durable, and only then gives them their name,
 * so that a crash at any moment leaves either the whole image or a temporary file that the next sweep removes.
 */
export async function putFile(
  options: FilesystemStoreOptions,
  key: ImageId,
  bytes: AsyncIterable<Uint8Array>,
  hint: PutHint,
): Promise<Stored> {
  const { signal } = hint;
  signal.throwIfAborted();
  const name = finalName(key);
  const folders = options.datadirs.map(({ path }) => path);
  if (await taken(folders, name)) throw duplicate(key);
  const folder = await chooseFolder(options.datadirs, hint.size);
  const temporary = join(folder, temporaryName(key, hint.worker));
  const mode = options.filePermissions ?? DEFAULT_MODE;
  const writer = await FileWriter.create(temporary, mode).catch((error: unknown) => {
    throw codeOf(error) === 'EEXIST' ? duplicate(key) : asWriteError(error);
  });
  try {
    await writeAll(writer, bytes, signal).finally(() => writer.close());
    signal.throwIfAborted();
    await publish(temporary, join(folder, name), key).catch(rethrow(asWriteError));
    return { url: urlOf(join(folder, name)), size: writer.size };
  } catch (error) {
    await unlink(temporary).catch(ignoreMissing);
    throw error;
  }
}

/** Errors of the source pass as they are. */
async function writeAll(writer: FileWriter, bytes: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<void> {
  for await (const chunk of bytes) {
    signal.throwIfAborted();
    await writer.write(chunk);
  }
  await writer.sync();
}

/** Gives the file its final name unless that is taken, durably. */
async function publish(temporary: string, final: string, key: ImageId): Promise<void> {
  await moveNew(temporary, final, key);
  try {
    await syncFolder(dirname(final));
  } catch (error) {
    await unlink(final);
    throw error;
  }
}

/** A link fails where a rename would overwrite. File systems without links get a check and a rename. */
async function moveNew(temporary: string, final: string, key: ImageId): Promise<void> {
  try {
    await link(temporary, final);
  } catch (error) {
    if (codeOf(error) === 'EEXIST') throw duplicate(key);
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'].includes(codeOf(error))) throw error;
    if (await lstat(final).catch(ignoreMissing)) throw duplicate(key);
    await rename(temporary, final);
    return;
  }
  await unlink(temporary);
}

function duplicate(key: ImageId): RegistryError {
  return new RegistryError('duplicate', `The store already holds bytes of image ${key}.`);
}

function ignoreMissing(error: unknown): undefined {
  if (codeOf(error) !== 'ENOENT') throw error;
  return undefined;
}
