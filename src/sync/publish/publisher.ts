import { createHash } from 'node:crypto';
import { CompressionError } from '../../compression/compression-error.js';
import { isRegistryError } from '../../domain/errors.js';
import type { Image } from '../../domain/image.js';
import type { Hasher } from '../../domain/ports/hasher.js';
import type { Log } from '../../domain/ports/log.js';
import { isSyncError, SyncError } from '../sync-error.js';
import { type Candidate, choose, leavingVersions } from './candidates.js';
import { compose, type GenerationFacts } from './compose.js';
import { TargetFailure } from './encode.js';
import { encodeMissing, type Failure, missing, type Progress } from './encode-missing.js';
import { Fingerprints } from './fingerprints.js';
import { KnownBlobs } from './known-blobs.js';
import type { PublishSource, RepositoryTarget } from './ports.js';
import { hasOverdue, retire } from './retired.js';
import { checkSample } from './sample.js';
import { Ledger } from './serials.js';
import type { Retention } from './sets.js';
import type { PublishSettings } from './settings.js';
import type { Signing } from './signing.js';
import { noState, type PublishState, readState, writeState } from './state.js';
import { traceFile } from './trace.js';
import type { Version } from './version.js';
import { makeVersions } from './versions.js';

export interface PublishOptions {
  readonly source: PublishSource;
  readonly target: RepositoryTarget;
  readonly hasher: Hasher;
  readonly settings: PublishSettings;
  /** Undefined leaves the repository unsigned. */
  readonly signing?: Signing;
  readonly log: Log;
  /** Aborting it ends the run; readers keep the generation that they have. */
  readonly signal: AbortSignal;
  /** Takes versions out of the repository that this rule lets go; they stay out. */
  readonly prune?: Retention;
  /** Forgets what was pruned before. */
  readonly restore?: boolean;
  /** Refuses to take every image out of a repository: most probably the registry is another than was meant. */
  readonly keepsSome?: boolean;
  readonly onProgress?: (progress: Progress) => void;
  readonly now?: () => Date;
}

export interface PublishResult {
  /** What readers see now. */
  readonly generation: number;
  /** Whether this run made it. */
  readonly changed: boolean;
  /** Images in it. */
  readonly images: number;
  /** Blobs that were made. */
  readonly encoded: number;
  /** Images that are missing, or not there in every form; the others are published all the same. */
  readonly failed: readonly Failure[];
}

/**
 * Brings a repository up to date once: images that are new are read, and a new generation takes the place of the one before in one step, or nothing is written but the trace
 * where nothing changed. However it ends, the repository is whole; what a killed run left is mended first. Rejects with RegistryError busy while another publisher is at work there,
 * with RegistryError and SyncError for what concerns the whole repository (a full disk, a key that does not sign), and with the signal's reason.
 */
export async function publishOnce(options: PublishOptions): Promise<PublishResult> {
  const { target } = options;
  const release = await target.lock();
  try {
    await target.repair();
    return await new Run(options, await remember(target)).go();
  } catch (error) {
    throw error instanceof TargetFailure ? error.cause : error;
  } finally {
    await release();
  }
}

export interface Memory {
  readonly state: PublishState;
  readonly known: KnownBlobs;
  readonly fingerprints: Fingerprints;
}

/** What a target has of earlier runs. Throws SyncError invalid for a damaged record. */
export async function remember(target: RepositoryTarget): Promise<Memory> {
  const [text, known, fingerprints, generation] = [
    await target.readState(),
    await target.readRecord('known-blobs'),
    await target.readRecord('fingerprints'),
    await target.generation(),
  ];
  // Without its record a generation still has a number, and the next one the number after it.
  const state = text === undefined ? { ...noState(), generation } : readState(text);
  return { state, known: KnownBlobs.from(known), fingerprints: new Fingerprints(target, fingerprints) };
}

/** Milliseconds that somebody may take to read what the folder that he stands in lists. */
const LINGER = 3_600_000;

/** Renewed when less than this part of its life is left. */
const RENEWAL = 0.5;

class Run {
  #now: Date;
  readonly #pruned: Set<string>;

  constructor(
    private readonly options: PublishOptions,
    private readonly memory: Memory,
  ) {
    this.#now = this.#time();
    this.#pruned = new Set(options.restore ? [] : memory.state.pruned);
  }

  /** Never goes back, whatever the clock does: readers take that for an attack. */
  #time(): Date {
    const { updated } = this.memory.state;
    const now = this.options.now?.() ?? new Date();
    return now > updated ? now : new Date(updated.getTime() + 1000);
  }

  async go(): Promise<PublishResult> {
    const { source, target, settings, signal, hasher, onProgress = () => {} } = this.options;
    const { state, known } = this.memory;
    let choice = this.#choose(await snapshot(source, signal));
    this.#refuseEmpty(choice.candidates.length);
    this.#prune(choice.candidates);
    const tasks = await missing(this.#left(choice.candidates), known, target);
    const parts = { source, target, hasher, known, signal, jobs: settings.jobs, onProgress };
    const read = await encodeMissing(tasks, parts);
    const failed = [...read.failures];
    if (tasks.length > 0) {
      // Reading takes hours; what was hidden or deleted meanwhile is not published by it.
      this.#now = this.#time();
      choice = this.#choose(await snapshot(source, signal));
      this.#refuseEmpty(choice.candidates.length);
    }
    signal.throwIfAborted();
    const ledger = new Ledger(state.ledger.entries);
    const made = makeVersions(this.#left(choice.candidates), {
      known,
      ledger,
      domain: settings.domain,
      now: this.#now,
    });
    const { versions } = made;
    failed.push(...made.failures);
    for (const { image, name, message, cause } of failed) {
      // A stack says something of mistakes of this program alone.
      const expected = isSyncError(cause) || isRegistryError(cause) || cause instanceof CompressionError;
      this.options.log.error(`image ${image} (${name}) is not published: ${message}`, expected ? {} : { error: cause });
    }
    const digest = this.#digest(versions);
    const changed = digest !== state.digest || this.#isDue();
    const generation = changed ? state.generation + 1 : state.generation;
    if (changed) await this.#publish(generation, digest, versions, ledger, choice.lines);
    else {
      const { path, content } = traceFile(settings, generation, this.#now);
      if ('text' in content) await target.touch(path, content.text);
    }
    await this.#save();
    await target.clean(Math.min(LINGER, settings.grace));
    return { generation, changed, images: versions.length, encoded: read.encoded, failed };
  }

  #choose(images: readonly Image[]) {
    const { settings } = this.options;
    return choose(images, { sets: settings.sets, lines: this.memory.state.lines, now: this.#now });
  }

  #refuseEmpty(candidates: number): void {
    const { size } = this.memory.state.images;
    if (!this.options.keepsSome || candidates > 0 || size === 0) return;
    throw new SyncError(
      'refused',
      `the registry has no image to publish, and all ${size} of the repository would leave it: --allow-empty says that this is meant`,
    );
  }

  #prune(candidates: readonly Candidate[]): void {
    const { prune } = this.options;
    if (prune === undefined) return;
    for (const { image } of leavingVersions(candidates, prune, this.#now)) this.#pruned.add(image.id);
  }

  #left(candidates: readonly Candidate[]): readonly Candidate[] {
    return candidates.filter(({ image }) => !this.#pruned.has(image.id));
  }

  /** Whether there has to be a generation though nothing changed. */
  #isDue(): boolean {
    const { settings } = this.options;
    const { state } = this.memory;
    const left = state.expires.getTime() - this.#now.getTime();
    return state.generation === 0 || left < settings.lifetime * RENEWAL || hasOverdue(state, settings.grace, this.#now);
  }

  async #publish(
    generation: number,
    digest: string,
    versions: readonly Version[],
    ledger: Ledger,
    lines: ReadonlyMap<string, string>,
  ): Promise<void> {
    const { target, settings, signing, signal, log } = this.options;
    const { state, fingerprints } = this.memory;
    if (signing === undefined) log.warning(`generation ${generation} is not signed: [publish] names no keys`);
    const updated = new Date(Math.floor(this.#now.getTime() / 1000) * 1000);
    const facts: GenerationFacts = { generation, updated, expires: new Date(updated.getTime() + settings.lifetime) };
    const { files, immutable } = await compose({
      ...facts,
      settings,
      versions,
      signing,
      fingerprints,
      byHash: target.links,
    });
    await checkSample(versions, target);
    const { folders } = ledger;
    const retired = retire(state, immutable, settings.grace, this.#now);
    ledger.forget(this.#now);
    const next = writeState({
      ...facts,
      updated: this.#now,
      digest,
      images: new Map(versions.map(({ image, place }) => [image.id, place])),
      ledger,
      lines: new Map([...lines].filter(([folder]) => folders.has(folder))),
      listed: immutable,
      retired: retired.paths,
      pruned: this.#pruned,
    });
    await target.publish(generation, [...files, ...retired.files], next, signal);
  }

  /** Of everything that readers are shown, but for numbers and times. */
  #digest(versions: readonly Version[]): string {
    const { settings, signing, target } = this.options;
    const { sets, publisher, domain, baseUrl, program } = settings;
    const keys = signing?.signer.publicKeys;
    const said = {
      repository: { publisher, domain, baseUrl, program, byHash: target.links },
      sets: sets.map(({ name, channel }) => [name, channel]),
      keys: keys && [keys.openpgp, keys.minisign],
      pruned: [...this.#pruned].sort(),
      versions: versions.map(({ shown }) => shown),
    };
    const text = JSON.stringify(said, (_, value: unknown) => (value instanceof Map ? [...value] : value));
    return createHash('sha256').update(text).digest('hex');
  }

  async #save(): Promise<void> {
    const { target } = this.options;
    const { known, fingerprints } = this.memory;
    known.forgetUnused();
    if (known.changed) await target.writeRecord('known-blobs', known.text);
    if (fingerprints.changed) await target.writeRecord('fingerprints', fingerprints.text);
  }
}

/** Every image that may be published, as of one moment. */
export async function snapshot(source: PublishSource, signal: AbortSignal): Promise<readonly Image[]> {
  const images: Image[] = [];
  for await (const image of source.images(signal)) images.push(image);
  return images;
}
