import { join, resolve } from 'node:path';

/** Where what is in a repository on a file system. Readers know `root` and `current` alone. */
export interface Places {
  readonly root: string;
  /** `.generations/<N>`: one whole tree for each, of hard links. */
  readonly generations: string;
  /** `.pool/<sha256>`: every blob once. */
  readonly pool: string;
  /** `.tmp`: what is not finished; whatever a dead publisher left in it goes. */
  readonly scratch: string;
  /** `.state`: what the publisher remembers. */
  readonly state: string;
  /** The link that readers follow; one rename moves it. */
  readonly current: string;
  readonly lock: string;
  /** Says that the folder is a repository, and of which form. */
  readonly format: string;
}

export const FORMAT = 'image-repo-folder:1\n';

/** Names that a repository of this form has beside those that readers see. */
export const OWN_FOLDERS: ReadonlySet<string> = new Set(['.generations', '.pool', '.tmp', '.state']);

export function placesIn(path: string): Places {
  const root = resolve(path);
  const state = join(root, '.state');
  return {
    root,
    generations: join(root, '.generations'),
    pool: join(root, '.pool'),
    scratch: join(root, '.tmp'),
    state,
    current: join(root, 'current'),
    lock: join(state, 'lock'),
    format: join(state, 'format'),
  };
}

export function stateFile(places: Places, generation: number): string {
  return join(places.state, `generation-${generation}.json`);
}

/** The number in `.generations/12` or `generation-12.json`; undefined for any other name. */
export function numberIn(name: string): number | undefined {
  const [, digits] = /^(?:\.generations\/|generation-)?([1-9]\d{0,14})(?:\.json)?$/.exec(name) ?? [];
  return digits === undefined ? undefined : Number(digits);
}
