import { SyncError } from '../sync-error.js';
import type { CollisionPolicy, VisibilityRule } from './decision.js';
import type { DocumentReader } from './documents.js';
import type { Filter } from './filters.js';
import { checkFreshness } from './freshness.js';
import type { ImportParts } from './import-image.js';
import type { OriginRules } from './origins.js';
import type { Outcome, Reporter } from './outcome.js';
import { readSource } from './read-source.js';
import { Run } from './run.js';
import { ensureState, readState } from './source-state.js';

export interface SyncOptions {
  readonly set: string | undefined;
  readonly prefix: string;
  readonly filters: readonly Filter[];
  readonly max: number | undefined;
  readonly collision: CollisionPolicy;
  readonly visibility: VisibilityRule;
  readonly prune: boolean;
  readonly graceDays: number;
  /** Images that are imported at once. */
  readonly jobs: number;
  /** Bytes that one image may have. */
  readonly maxBytes: number;
  /** Nothing is written anywhere. */
  readonly dryRun: boolean;
  readonly allowExpired: boolean;
  readonly maxAgeDays: number;
  readonly stateFile: string;
  /** Names the keys that the source is verified with. */
  readonly trustName: string;
}

export interface SyncParts extends ImportParts, DocumentReader {
  readonly origins: OriginRules;
  readonly report: Reporter;
  readonly now: () => Date;
}

/**
 * Brings what a source offers to a destination, once (sync-and-manager section 1.8). What goes wrong with one image is among the results, and the others go on.
 * Throws SyncError for what concerns the source or the destination as a whole, and the reason of `signal`: then too, nothing is left half done.
 */
export async function sync(options: SyncOptions, parts: SyncParts): Promise<Outcome> {
  const state = await readState(options.stateFile, options.trustName);
  const { trust, fetcher, signal, swapMs, origins } = parts;
  const reader = { trust, fetcher, signal, origins, known: state, ...(swapMs === undefined ? {} : { swapMs }) };
  const source = await readSource(origins.home, options.set, reader);
  if (options.prune && source.covers === undefined) {
    throw new SyncError('usage', '--prune needs a whole repository, or a set of it by --set: this is a part of one');
  }
  const stale = checkFreshness(source.found, state.seen, { ...options, signed: trust !== undefined, now: parts.now() });
  const run = new Run(options, parts, state, source);
  for (const warning of [...source.warnings, ...stale]) run.warn(warning);
  // Whose an image is that a killed run leaves must be known to the next one.
  if (!options.dryRun) await ensureState(options.stateFile, state);
  try {
    await run.mirror();
  } finally {
    if (!options.dryRun) await run.keepState();
  }
  return run.outcome();
}
