import { type FileHandle, open, rename, stat, statfs, unlink, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { isRegistryError, RegistryError } from '../domain/errors.js';
import { type ImageId, isImageId } from '../domain/image.js';
import type { Fetch, LocationCache } from '../domain/ports/location-cache.js';
import type { Log } from '../domain/ports/log.js';
import type { ByteRange, Opened } from '../domain/ports/store.js';
import { makeFolders } from '../stream/make-folders.js';
import { openFile } from '../stream/open-file.js';
import { evict } from './evict.js';
import { Fill } from './fill.js';

export interface FileCacheOptions {
  readonly folder: string;
  /** Bytes that the cache is kept to. */
  readonly maxBytes: number;
  readonly log: Log;
}

/** Milliseconds without a byte after which an unfinished file counts as left behind by a process that died. */
const ABANDONED_MS = 5 * 60_000;

interface Fetching {
  readonly fill: Promise<Fill | undefined>;
  readonly stop: AbortController;
}

/**
 * A cache in a folder: finished objects under the ids of their images, unfinished ones apart, each kind in a folder of its own within it,
 * since what is evicted must never be another's, were it the folder of a store. Several processes may share it. Throws when the folders cannot be made.
 */
export async function createFileCache(options: FileCacheOptions): Promise<LocationCache> {
  await makeFolders(wholeIn(options.folder));
  await makeFolders(incompleteIn(options.folder));
  return new FileCache(options);
}

function wholeIn(folder: string): string {
  return join(folder, 'whole');
}

function incompleteIn(folder: string): string {
  return join(folder, 'incomplete');
}

class FileCache implements LocationCache {
  readonly #fetching = new Map<ImageId, Fetching>();
  /** Those that still have something to clean up as well. */
  readonly #unsettled = new Set<Fetching>();

  constructor(private readonly options: FileCacheOptions) {}

  async open(
    id: ImageId,
    range: ByteRange | undefined,
    signal: AbortSignal,
    fetch: Fetch,
    size: number | null = null,
  ): Promise<Opened | undefined> {
    const path = this.#path(id);
    await forgetDamaged(path, size);
    const kept = await openKept(path, range, signal);
    if (kept !== undefined) return kept;
    const { fill } = this.#fetching.get(id) ?? this.#fetch(id, fetch);
    return (await fill)?.follow(range, signal);
  }

  async drop(id: ImageId): Promise<void> {
    const path = this.#path(id);
    const under = this.#fetching.get(id);
    under?.stop.abort(new RegistryError('storage-unavailable', 'The location of the image has gone.'));
    await settled(under);
    await unlink(path).catch(() => {});
  }

  async close(): Promise<void> {
    const all = [...this.#unsettled];
    for (const { stop } of all) stop.abort(new RegistryError('storage-unavailable', 'The server is closing.'));
    await Promise.all(all.map(settled));
  }

  #path(id: ImageId): string {
    if (!isImageId(id)) throw new RegistryError('invalid', 'Images are kept under UUIDs only.');
    return join(wholeIn(this.options.folder), id);
  }

  #fetch(id: ImageId, fetch: Fetch): Fetching {
    const stop = new AbortController();
    const fetching = { stop, fill: this.#begin(id, fetch, stop.signal) };
    this.#fetching.set(id, fetching);
    this.#unsettled.add(fetching);
    void settled(fetching).then(() => this.#unsettled.delete(fetching));
    return fetching;
  }

  /** The fetch is over: whoever comes now finds what is kept, or begins another. */
  #forget(id: ImageId, signal: AbortSignal): void {
    if (this.#fetching.get(id)?.stop.signal === signal) this.#fetching.delete(id);
  }

  async #begin(id: ImageId, fetch: Fetch, signal: AbortSignal): Promise<Fill | undefined> {
    const { folder, maxBytes, log } = this.options;
    const path = join(incompleteIn(folder), id);
    const file = await claim(path);
    if (file === undefined) {
      this.#forget(id, signal);
      return undefined;
    }
    const giveUp = async (): Promise<void> => {
      this.#forget(id, signal);
      await remove(path, file);
      await file.close().catch(() => {});
    };
    let source: Opened;
    try {
      source = await fetch(signal);
    } catch (error) {
      await giveUp();
      throw error;
    }
    if (source.size === undefined || source.size > Math.min(maxBytes, await freeBytes(folder))) {
      await source.close();
      await giveUp();
      return undefined;
    }
    return new Fill(source, file, {
      keep: async () => {
        // Before it counts as whole: a power failure must not leave a name without its bytes.
        await file.datasync();
        if (!(await isAt(path, file))) throw new Error('another process has taken the unfinished file for abandoned');
        await rename(path, this.#path(id));
        this.#forget(id, signal);
        await evict(wholeIn(folder), maxBytes);
      },
      discard: async (error) => {
        this.#forget(id, signal);
        await remove(path, file);
        if (!signal.aborted) log.warning(`image ${id} could not be fetched into the cache`, { error });
      },
    });
  }
}

/** Resolves when a fetch is over, whichever way. */
async function settled(fetching: Fetching | undefined): Promise<void> {
  const fill = await fetching?.fill.catch(() => undefined);
  await fill?.finished.catch(() => {});
}

/** Takes a copy away that has lost bytes since it was kept; it would never be read to its end, nor fetched again. */
async function forgetDamaged(path: string, size: number | null): Promise<void> {
  const found = size === null ? undefined : await stat(path).catch(() => undefined);
  if (found !== undefined && found.size !== size) await unlink(path).catch(() => {});
}

/** The bytes under a path, if they are there whole; their reading counts for what is evicted. */
async function openKept(path: string, range: ByteRange | undefined, signal: AbortSignal): Promise<Opened | undefined> {
  try {
    const opened = await openFile(path, range, signal);
    const { mtime } = await stat(path).catch(() => ({ mtime: new Date() }));
    await utimes(path, new Date(), mtime).catch(() => {});
    return opened;
  } catch (error) {
    if (isRegistryError(error, 'not-found')) return undefined;
    throw error;
  }
}

/** Bytes that the disk of a folder can still take; without an answer the writing itself will tell. */
async function freeBytes(folder: string): Promise<number> {
  const found = await statfs(folder).catch(() => undefined);
  return found === undefined ? Number.POSITIVE_INFINITY : found.bavail * found.bsize;
}

/** Whether a name still is that of this open file: a process that was silent for too long has lost it to another. */
async function isAt(path: string, file: FileHandle): Promise<boolean> {
  const [named, own] = await Promise.all([stat(path).catch(() => undefined), file.stat()]);
  return named !== undefined && named.dev === own.dev && named.ino === own.ino;
}

async function remove(path: string, file: FileHandle): Promise<void> {
  if (await isAt(path, file).catch(() => false)) await unlink(path).catch(() => {});
}

/** The file to fill, ours alone; undefined while another process fills it. */
async function claim(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, 'wx+', 0o640);
  } catch {
    const found = await stat(path).catch(() => undefined);
    if (found !== undefined && Date.now() - found.mtimeMs < ABANDONED_MS) return undefined;
    await unlink(path).catch(() => {});
    return open(path, 'wx+', 0o640).catch(() => undefined);
  }
}
