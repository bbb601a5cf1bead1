import { createHash } from 'node:crypto';
import { readdir, readFile, rm, rmdir, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolders } from '../../stream/make-folders.js';
import { SyncError } from '../sync-error.js';
import type { Validators } from './transport.js';

/** The place of one download, and what is there of an earlier one. */
export interface Slot {
  readonly path: string;
  /** What the server said of the file that the bytes at `path` are the beginning of; undefined where nothing can be continued. */
  validators(): Promise<Validators | undefined>;
  /** To be called before the first byte is written. */
  remember(validators: Validators): Promise<void>;
  /** Keeps what there is for the next run; without it the slot is emptied when the run ends. */
  keep(): void;
  /** Removes the bytes. */
  clear(): Promise<void>;
}

/** Where downloads of one source lie until they are imported. */
export interface WorkFolder {
  /** `key` names the file and what it must be: the same beginning is not continued into another file. */
  slot(key: string): Slot;
  /** Throws SyncError refused when there is no room for so many bytes. */
  assertRoom(bytes: number): Promise<void>;
  /** Removes everything but what was asked to be kept, and the folder when it is empty. */
  close(): Promise<void>;
}

/** Opens the work folder of a source; it is made with the first download. Nobody else uses it meanwhile: see takeRunLock. */
export function openWorkFolder(folder: string): WorkFolder {
  const kept = new Set<string>();
  let made: Promise<unknown> | undefined;
  const make = (): Promise<unknown> => {
    made ??= makeFolders(folder, 0o700);
    return made;
  };

  return {
    slot(key) {
      const name = createHash('sha256').update(key).digest('hex');
      const path = join(folder, `${name}.part`);
      const notes = join(folder, `${name}.json`);
      return {
        path,
        async validators() {
          const [text] = await Promise.all([readFile(notes, 'utf8').catch(() => ''), make()]);
          return parseValidators(text);
        },
        async remember(validators) {
          await make();
          await writeFile(notes, JSON.stringify(validators), { mode: 0o600 });
        },
        keep() {
          kept.add(`${name}.part`).add(`${name}.json`);
        },
        async clear() {
          kept.delete(`${name}.part`);
          kept.delete(`${name}.json`);
          await Promise.all([path, notes].map((file) => rm(file, { force: true })));
        },
      };
    },
    async assertRoom(bytes) {
      await make();
      const { bavail, bsize } = await statfs(folder);
      const room = bavail * bsize;
      if (bytes > room) {
        throw new SyncError('refused', `There is room for ${room} bytes in ${folder}, and ${bytes} are to come`);
      }
    },
    async close() {
      const names = await readdir(folder).catch((): string[] => []);
      const surplus = names.filter((name) => /^[0-9a-f]{64}\.(part|json)$/.test(name) && !kept.has(name));
      await Promise.all(surplus.map((name) => rm(join(folder, name), { force: true })));
      // Not when something is kept in it.
      await rmdir(folder).catch(() => {});
    },
  };
}

function parseValidators(text: string): Validators | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed !== 'object' || parsed === null) return undefined;
    const field = (name: 'etag' | 'lastModified'): Validators => {
      const value: unknown = name in parsed ? Object.entries(parsed).find(([key]) => key === name)?.[1] : undefined;
      return typeof value === 'string' ? { [name]: value } : {};
    };
    const validators = { ...field('etag'), ...field('lastModified') };
    return Object.keys(validators).length > 0 ? validators : undefined;
  } catch {
    return undefined;
  }
}
