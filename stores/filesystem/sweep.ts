import { opendir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { SweepGuide, SweepReport } from '../../src/domain/ports/store.js';
import { codeOf } from '../../src/stream/file-errors.js';
import { isImageName, workerOf } from './names.js';

/** Names looked at together: few questions to the registry, little memory. */
const AT_ONCE = 500;

/** Store.sweep of the filesystem store. */
export async function sweepFolders(folders: readonly string[], guide: SweepGuide): Promise<SweepReport> {
  let removed = 0;
  let unknown = 0;
  for (const folder of folders) {
    for await (const names of namesOf(folder)) {
      const report = await sweepNames(folder, names, guide);
      removed += report.removed;
      unknown += report.unknown;
    }
  }
  return { removed, unknown };
}

async function* namesOf(folder: string): AsyncGenerator<string[], void, undefined> {
  let names: string[] = [];
  for await (const entry of await opendir(folder)) {
    if (!entry.isFile()) continue;
    names.push(entry.name);
    if (names.length < AT_ONCE) continue;
    yield names;
    names = [];
  }
  yield names;
}

async function sweepNames(folder: string, names: readonly string[], guide: SweepGuide): Promise<SweepReport> {
  const images = names.filter(isImageName);
  const standing = await guide.standing(images);
  const workers = new Map(
    names.flatMap((name) => {
      const worker = workerOf(name);
      return worker === undefined ? [] : [[name, worker]];
    }),
  );
  const alive = await guide.aliveWorkers([...new Set(workers.values())]);
  const stale = [...workers].filter(([, worker]) => !alive.has(worker)).map(([name]) => name);
  const empty = images.filter((name) => standing.get(name) === 'empty');
  const gone = await Promise.all([...stale, ...empty].map((name) => removeFile(join(folder, name))));
  return {
    removed: gone.filter(Boolean).length,
    unknown: images.filter((name) => !standing.has(name)).length,
  };
}

/** Removes a file; false when it was not there. */
export async function removeFile(path: string): Promise<boolean> {
  try {
    await unlink(path);
    return true;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw error;
  }
}
