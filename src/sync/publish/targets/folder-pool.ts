import { randomUUID } from 'node:crypto';
import { link, rename, rm, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { FileWriter } from '../../../../stores/filesystem/file-writer.js';
import { syncFolder } from '../../../../stores/filesystem/folders.js';
import { codeOf } from '../../../stream/file-errors.js';
import { sideBySide } from '../../side-by-side.js';
import { namesIn, unlessMissing } from './folder-files.js';
import type { Places } from './folder-places.js';

const HASH = /^[0-9a-f]{64}$/;

/** The file of a blob in the pool. Throws for what is no SHA-256. */
export function blobFile({ pool }: Places, sha256: string): string {
  if (!HASH.test(sha256)) throw new Error(`Not a SHA-256: ${JSON.stringify(sha256)}`);
  return join(pool, sha256);
}

/** Bytes of a blob; undefined when it is not there. */
export async function poolSize(places: Places, sha256: string): Promise<number | undefined> {
  return (await stat(blobFile(places, sha256)).catch(unlessMissing))?.size;
}

/** RepositoryTarget.addBlob */
export async function fillPool(
  places: Places,
  bytes: AsyncIterable<Uint8Array>,
  sealed: () => Promise<string>,
  signal: AbortSignal,
  step: (name: string) => Promise<void> | void,
): Promise<void> {
  const temporary = join(places.scratch, `blob-${randomUUID()}`);
  const writer = await FileWriter.create(temporary, 0o644);
  try {
    try {
      for await (const chunk of bytes) {
        signal.throwIfAborted();
        await writer.write(chunk);
      }
      await writer.sync();
    } finally {
      await writer.close();
    }
    signal.throwIfAborted();
    await step('blob-written');
    await keep(temporary, blobFile(places, await sealed()), writer.size);
    await syncFolder(places.pool);
    await step('blob-kept');
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** A blob that is there already keeps its inode, which the trees share; one of another size was damaged. */
async function keep(temporary: string, file: string, size: number): Promise<void> {
  try {
    await link(temporary, file);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
    if ((await stat(file)).size !== size) return rename(temporary, file);
  }
  await unlink(temporary);
}

/** Removes the blobs that no generation has a link to. */
export async function cleanPool(places: Places): Promise<void> {
  await sideBySide(await namesIn(places.pool), 4, async (name) => {
    const file = join(places.pool, name);
    const found = await stat(file).catch(unlessMissing);
    if (found?.nlink === 1) await rm(file, { force: true });
  });
}
