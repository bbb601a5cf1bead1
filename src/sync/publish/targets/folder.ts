import { readdir, readlink, rename, rm } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { syncFolder } from '../../../../stores/filesystem/folders.js';
import { RegistryError } from '../../../domain/errors.js';
import { codeOf } from '../../../stream/file-errors.js';
import { openFile } from '../../../stream/open-file.js';
import { takeProcessLock } from '../../process-lock.js';
import type { RepositoryTarget } from '../ports.js';
import { makeFolder, namesIn, placed, removeTree, replaceFile, textOf, timeOf, touchNow } from './folder-files.js';
import { addLinks, currentGeneration, dropLinks, swapCurrent } from './folder-links.js';
import { FORMAT, numberIn, OWN_FOLDERS, type Places, placesIn, stateFile } from './folder-places.js';
import { blobFile, cleanPool, fillPool, poolSize } from './folder-pool.js';
import { makeTree } from './folder-tree.js';

export interface FolderOptions {
  readonly path: string;
  /** Told of each step before the next begins; what it throws or never answers is a publisher that stops there. For tests. */
  readonly step?: (name: string) => Promise<void> | void;
}

/** Entries of an empty folder that the file system or the operator may have there. */
const HARMLESS: ReadonlySet<string> = new Set(['lost+found']);

/**
 * A repository on a file system that has hard links: `current` leads to the generation that readers see, and one rename moves it.
 * Nothing is written before the lock is taken. Throws invalid for a folder with something else in it.
 */
export async function openFolderTarget({ path, step = () => {} }: FolderOptions): Promise<RepositoryTarget> {
  const places = placesIn(path);
  await refuseForeign(places);
  return new FolderTarget(places, step);
}

async function refuseForeign(places: Places): Promise<void> {
  const names = await readdir(places.root).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return [];
    if (codeOf(error) === 'ENOTDIR') throw new RegistryError('invalid', `${places.root} is no folder.`);
    throw placed(error, places.root);
  });
  const format = await textOf(places.format).catch(() => undefined);
  if (format === FORMAT) return;
  if (format !== undefined) {
    throw new RegistryError(
      'invalid',
      `The repository in ${places.root} is of a form that this program does not know.`,
    );
  }
  const foreign = names.filter((name) => !OWN_FOLDERS.has(name) && !HARMLESS.has(name));
  if (foreign.length === 0) return;
  throw new RegistryError(
    'invalid',
    `${places.root} is not empty and holds no repository: name a new folder, or empty this one.`,
  );
}

class FolderTarget implements RepositoryTarget {
  readonly links = true;

  constructor(
    private readonly places: Places,
    private readonly step: (name: string) => Promise<void> | void,
  ) {}

  get name(): string {
    return this.places.root;
  }

  async lock(): Promise<() => Promise<void>> {
    const { root, state, scratch, pool, generations, lock, format } = this.places;
    return this.#placed(async () => {
      await makeFolder(root, 0o755);
      for (const folder of [state, scratch, pool]) await makeFolder(folder, 0o700);
      await makeFolder(generations, 0o755);
      const release = takeProcessLock(lock);
      if (release === undefined) throw new RegistryError('busy', `Another publisher is at work in ${root}.`);
      try {
        if ((await textOf(format)) === undefined) await replaceFile(format, Buffer.from(FORMAT), scratch, 0o600);
      } catch (error) {
        release();
        throw error;
      }
      return async () => release();
    });
  }

  async repair(): Promise<void> {
    const { places } = this;
    await this.#placed(async () => {
      for (const name of await namesIn(places.scratch)) await removeTree(join(places.scratch, name), places.scratch);
      const numbers = numbersIn(await namesIn(places.generations));
      let current = await currentGeneration(places);
      if (current === undefined || !numbers.includes(current)) {
        current = await newestWhole(places, numbers);
        if (current !== undefined) await swapCurrent(places, current);
      }
      for (const number of numbers.filter((each) => each > (current ?? 0))) await this.#removeGeneration(number);
      if (current === undefined) return;
      const shown = await namesIn(places.current);
      await addLinks(places, shown);
      await dropLinks(places, shown);
    });
  }

  async generation(): Promise<number> {
    return (await currentGeneration(this.places)) ?? 0;
  }

  async readState(): Promise<string | undefined> {
    const current = await currentGeneration(this.places);
    return current === undefined ? undefined : textOf(stateFile(this.places, current));
  }

  readRecord(name: string): Promise<string | undefined> {
    return textOf(this.#record(name));
  }

  writeRecord(name: string, text: string): Promise<void> {
    return this.#placed(() => replaceFile(this.#record(name), Buffer.from(text), this.places.scratch, 0o600));
  }

  blobSize(sha256: string): Promise<number | undefined> {
    return poolSize(this.places, sha256);
  }

  async *readBlob(sha256: string): AsyncGenerator<Uint8Array, void, undefined> {
    const { bytes } = await openFile(blobFile(this.places, sha256), undefined, new AbortController().signal);
    yield* bytes;
  }

  async removeBlob(sha256: string): Promise<void> {
    await this.#placed(() => rm(blobFile(this.places, sha256), { force: true }));
  }

  addBlob(bytes: AsyncIterable<Uint8Array>, sealed: () => Promise<string>, signal: AbortSignal): Promise<void> {
    return this.#placed(() => fillPool(this.places, bytes, sealed, signal, this.step));
  }

  async publish(...[generation, files, state, signal]: Parameters<RepositoryTarget['publish']>): Promise<void> {
    const { places, step } = this;
    await this.#placed(async () => {
      const tree = join(places.scratch, `generation-${generation}`);
      const current = await currentGeneration(places);
      const before = current === undefined ? undefined : join(places.generations, String(current));
      try {
        await makeTree({ tree, pool: places.pool, before, files, signal, step });
        await replaceFile(stateFile(places, generation), Buffer.from(state), places.scratch, 0o600);
        await step('state-written');
        signal.throwIfAborted();
      } catch (error) {
        await removeTree(tree, places.scratch);
        throw error;
      }
      await rename(tree, join(places.generations, String(generation)));
      await syncFolder(places.generations);
      await step('tree-moved');
      const shown = [...new Set(files.map(({ path }) => path.split('/')[0] ?? ''))];
      await addLinks(places, shown);
      await step('links-made');
      await swapCurrent(places, generation, async () => {
        // Since when it has been replaced: see clean.
        if (before !== undefined) await touchNow(before);
        await step('current-made');
      });
      await step('swapped');
      await dropLinks(places, shown);
      await step('links-dropped');
    });
  }

  async touch(path: string, text: Uint8Array): Promise<void> {
    const { places } = this;
    await this.#placed(async () => {
      // By the generation's own name: the link could move meanwhile.
      const file = join(places.root, await readlink(places.current), path);
      await replaceFile(file, text, places.scratch, 0o644);
    });
  }

  async clean(linger: number): Promise<void> {
    const { places } = this;
    await this.#placed(async () => {
      const current = (await currentGeneration(places)) ?? 0;
      const numbers = numbersIn(await namesIn(places.generations));
      const before = Math.max(0, ...numbers.filter((number) => number < current));
      for (const number of numbers) {
        if (number === current || number === before) continue;
        const tree = join(places.generations, String(number));
        // A clock that was set back must not keep them for ever, hence the distance either way.
        if (Math.abs(Date.now() - (await timeOf(tree))) >= linger) await this.#removeGeneration(number);
      }
      await this.step('generations-removed');
      for (const number of numbersIn(await namesIn(places.state))) {
        if (number !== current && number !== before) await removeTree(stateFile(places, number), places.scratch);
      }
      await cleanPool(places);
      await this.step('pool-cleaned');
    });
  }

  async *paths(): AsyncGenerator<string, void, undefined> {
    const current = await currentGeneration(this.places);
    if (current === undefined) return;
    const tree = join(this.places.generations, String(current));
    const entries = await readdir(tree, { recursive: true, withFileTypes: true });
    for (const entry of entries) {
      const path = relative(tree, join(entry.parentPath, entry.name));
      if (!entry.isDirectory() && !path.split('/').some((name) => name.startsWith('.'))) yield path;
    }
  }

  async read(path: string): Promise<AsyncIterable<Uint8Array> | undefined> {
    try {
      return (await openFile(join(this.places.current, path), undefined, new AbortController().signal)).bytes;
    } catch (error) {
      if (error instanceof RegistryError && error.kind === 'not-found') return undefined;
      throw error;
    }
  }

  async close(): Promise<void> {}

  #record(name: string): string {
    if (!/^[a-z]+(-[a-z]+)*$/.test(name)) throw new Error(`Not the name of a record: ${JSON.stringify(name)}`);
    return join(this.places.state, `${name}.json`);
  }

  #removeGeneration(number: number): Promise<void> {
    return removeTree(join(this.places.generations, String(number)), this.places.scratch);
  }

  async #placed<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw placed(error, this.places.root);
    }
  }
}

function numbersIn(names: readonly string[]): readonly number[] {
  return names.flatMap((name) => numberIn(name) ?? []);
}

/** The newest generation that was finished: its record is written last. */
async function newestWhole(places: Places, numbers: readonly number[]): Promise<number | undefined> {
  for (const number of [...numbers].sort((a, b) => b - a)) {
    if ((await textOf(stateFile(places, number))) !== undefined) return number;
  }
  return undefined;
}
