import { readdir, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { isImageId } from '../domain/image.js';

/** Removes the objects that were not read for longest until the folder holds at most so many bytes. Files of other names are left alone. */
export async function evict(folder: string, maxBytes: number): Promise<void> {
  const names = (await readdir(folder)).filter(isImageId);
  const found = await Promise.all(
    names.map(async (name) => {
      const path = join(folder, name);
      const stats = await stat(path).catch(() => undefined);
      return stats === undefined ? [] : [{ path, bytes: stats.size, readAt: stats.atimeMs }];
    }),
  );
  const files = found.flat().sort((a, b) => a.readAt - b.readAt);
  let total = files.reduce((sum, { bytes }) => sum + bytes, 0);
  for (const { path, bytes } of files) {
    if (total <= maxBytes) return;
    // Whoever reads it goes on: only the name is gone.
    await unlink(path).catch(() => {});
    total -= bytes;
  }
}
