import type { RepositoryFile } from './ports.js';
import type { PublishState } from './state.js';

/** Files of lists and numbers of their own, which come and go with every generation: their end alone is no reason for another. */
const FLEETING = /^repo\//;

export interface Retired {
  /** Paths that are in no list any more and stay, and since when. */
  readonly paths: ReadonlyMap<string, Date>;
  readonly files: readonly RepositoryFile[];
}

/** What stays of former generations beside the immutable paths of a new one: whoever reads an older list finds everything in it for the time of grace. */
export function retire(before: PublishState, immutable: readonly string[], grace: number, now: Date): Retired {
  const shown = new Set(immutable);
  const paths = new Map<string, Date>();
  for (const [path, since] of before.retired) {
    if (!shown.has(path) && !isOver(since, grace, now)) paths.set(path, since);
  }
  if (grace > 0) for (const path of before.listed) if (!shown.has(path)) paths.set(path, now);
  const files = [...paths.keys()].map(
    (path): RepositoryFile => ({ path, phase: 'data', content: { kept: true }, immutable: true }),
  );
  return { paths, files };
}

/** Whether something takes up room whose time of grace is over. */
export function hasOverdue({ retired }: PublishState, grace: number, now: Date): boolean {
  return [...retired].some(([path, since]) => !FLEETING.test(path) && isOver(since, grace, now));
}

function isOver(since: Date, grace: number, now: Date): boolean {
  return now.getTime() - since.getTime() > grace;
}
