import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { createHasher } from '../../src/hashing/hasher.js';
import { createInspector } from '../../src/inspect/inspector.js';
import type { Destination } from '../../src/sync/pull/destination.js';
import { createFetcher, type FetcherOptions } from '../../src/sync/pull/fetcher.js';
import type { Outcome } from '../../src/sync/pull/outcome.js';
import { type SyncOptions, sync } from '../../src/sync/pull/sync.js';
import { openWorkFolder } from '../../src/sync/pull/work-folder.js';
import type { Trust } from '../../src/sync/signatures/trust.js';
import { isSyncError, type SyncError } from '../../src/sync/sync-error.js';
import { MemoryDestination } from './memory-destination.js';

export interface JobOptions extends Partial<SyncOptions> {
  readonly url?: string;
  readonly trust?: Trust;
  readonly fetch?: Partial<FetcherOptions>;
  readonly destination?: Destination;
  readonly now?: Date;
  readonly signal?: AbortSignal;
  readonly allowForeign?: boolean;
}

/** One mirror job of a test: a state and a work folder that last from run to run, and a destination in memory. */
export class MirrorJob {
  readonly folder = mkdtempSync(join(tmpdir(), 'glimpse-mirror-'));
  readonly destination = new MemoryDestination('ours');
  readonly stateFile = join(this.folder, 'state', 'job.json');
  readonly work = join(this.folder, 'work');

  constructor(
    t: ExecutionContext,
    readonly source: { readonly url: string },
  ) {
    t.teardown(() => rmSync(this.folder, { recursive: true, force: true }));
  }

  /** Runs it once, as image-sync does. */
  async run(options: JobOptions = {}): Promise<Outcome> {
    const home = new URL(options.url ?? this.source.url);
    const origins = { home, allowForeign: options.allowForeign ?? false };
    const fetcher = createFetcher({ origins, attempts: 2, backoffMs: 1, ...options.fetch });
    const hasher = createHasher();
    const work = openWorkFolder(this.work);
    const { signal = new AbortController().signal, now = new Date() } = options;
    try {
      return await sync(
        { ...DEFAULTS, stateFile: this.stateFile, ...options },
        {
          origins: { ...origins, ...options.fetch?.origins },
          fetcher,
          destination: options.destination ?? this.destination,
          work,
          hasher,
          inspector: createInspector({
            requireImageFormatMatch: true,
            gptSafetyChecksNonfatal: [],
            vmdkAllowedTypes: ['streamOptimized'],
          }),
          trust: options.trust,
          signal,
          swapMs: 1,
          report: { result: () => {}, warning: () => {}, progress: () => {} },
          now: () => now,
        },
      );
    } finally {
      await Promise.all([work.close(), hasher.close(), fetcher.close()]);
    }
  }

  /** The error that a run ends with. */
  async refusal(t: ExecutionContext, options: JobOptions = {}): Promise<SyncError> {
    const error = await t.throwsAsync(this.run(options));
    if (!isSyncError(error)) throw error ?? new Error('nothing was thrown');
    return error;
  }

  /** Fails the test unless everything that there is is finished: images, files, processes. */
  assertClean(t: ExecutionContext): void {
    const unfinished = [...this.destination.images.values()].filter(
      (image) => image.status !== 'active' || image.properties.has('image_sync_pending'),
    );
    t.deepEqual(unfinished, [], 'unfinished images');
    t.deepEqual(this.left(), [], 'files in the work folder');
    t.deepEqual(children(), [], 'processes');
  }

  /** Names in the work folder. */
  left(): readonly string[] {
    return existsSync(this.work) ? readdirSync(this.work) : [];
  }
}

const DEFAULTS: Omit<SyncOptions, 'stateFile'> = {
  set: undefined,
  prefix: '',
  filters: [],
  max: undefined,
  collision: 'skip',
  visibility: 'keep',
  prune: false,
  graceDays: 7,
  jobs: 2,
  maxBytes: 1024 ** 3,
  dryRun: false,
  allowExpired: false,
  maxAgeDays: 30,
  trustName: 'unsigned',
};

/** The actions of a run by the names of the images. */
export function actions({ results }: Outcome): Readonly<Record<string, string>> {
  return Object.fromEntries(results.map(({ name, action }) => [name, action]));
}

/** The one failure of a run. */
export function failure(t: ExecutionContext, outcome: Outcome): string {
  const failed = outcome.results.filter(({ action }) => action === 'failed');
  t.is(failed.length, 1, JSON.stringify(outcome.results));
  return failed[0]?.reason ?? '';
}

/** Programs that expand and that this process has started and not seen the end of. */
function children(): readonly string[] {
  const pids = readFileSync(`/proc/${process.pid}/task/${process.pid}/children`, 'utf8').trim();
  const commands = pids === '' ? [] : pids.split(' ').map((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8'));
  return commands.filter((command) => /^([^\0]*\/)?(xz|zstd|bzip2)\0/.test(command));
}
