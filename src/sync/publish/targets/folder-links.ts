import { lstat, readlink, rename, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { syncFolder } from '../../../../stores/filesystem/folders.js';
import { RegistryError } from '../../../domain/errors.js';
import { namesIn, unlessMissing } from './folder-files.js';
import { numberIn, type Places } from './folder-places.js';

/** The generation that readers see; undefined before the first. */
export async function currentGeneration({ current }: Places): Promise<number | undefined> {
  const target = await readlink(current).catch(unlessMissing);
  return target === undefined ? undefined : numberIn(target);
}

/** Shows readers this generation, in one step. `prepared` is called right before it. */
export async function swapCurrent(
  places: Places,
  generation: number,
  prepared: () => Promise<void> | void = () => {},
): Promise<void> {
  const next = join(places.scratch, 'current');
  await rm(next, { force: true });
  await symlink(`.generations/${generation}`, next);
  await prepared();
  await rename(next, places.current);
  await syncFolder(places.root);
}

const targetOf = (name: string): string => `current/${name}`;

/** Names in the root that lead into the current generation, whether they find something there or not. */
async function linkedNames({ root }: Places): Promise<readonly string[]> {
  const names: string[] = [];
  for (const name of await namesIn(root)) {
    if (name.startsWith('.') || name === 'current') continue;
    const target = await readlink(join(root, name)).catch(() => undefined);
    if (target === targetOf(name)) names.push(name);
  }
  return names;
}

/** Makes the root lead to these names of the current generation. Throws in-use, naming it, for a name that something else has. */
export async function addLinks(places: Places, names: readonly string[]): Promise<void> {
  const there = new Set(await linkedNames(places));
  for (const name of names) {
    if (there.has(name)) continue;
    const path = join(places.root, name);
    if (await lstat(path).catch(unlessMissing)) {
      throw new RegistryError('in-use', `${path} is in the way: a repository needs that name for itself.`);
    }
    await symlink(targetOf(name), path);
  }
  await syncFolder(places.root);
}

/** Takes away the links of names that the current generation does not have. */
export async function dropLinks(places: Places, names: readonly string[]): Promise<void> {
  const needed = new Set(names);
  for (const name of await linkedNames(places)) {
    if (!needed.has(name)) await rm(join(places.root, name), { force: true });
  }
}
