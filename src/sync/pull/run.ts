import { isDeepStrictEqual } from 'node:util';
import { sideBySide } from '../side-by-side.js';
import { isSyncError } from '../sync-error.js';
import { decide } from './decide.js';
import { bytesOf, idsOf, type Offered, type Vanished } from './decision.js';
import type { RemoteImage } from './destination.js';
import { visibilityOf } from './draft.js';
import { isAhead } from './freshness.js';
import { importImage } from './import-image.js';
import { mendLeftovers } from './leftovers.js';
import type { Action, Outcome, Result } from './outcome.js';
import { type Ownership, ownershipAt } from './provenance.js';
import { writtenOf } from './refresh.js';
import { select } from './selection.js';
import { recordedBase, recordedUrl, type SourceEntry } from './source-entry.js';
import type { ReadSource } from './source-reader.js';
import { type SourceState, type WrittenImage, writeState } from './source-state.js';
import type { SyncOptions, SyncParts } from './sync.js';
import { decideVanished, hiding } from './vanished.js';

/** One run over a source that was read: what is decided, done and told. */
export class Run {
  readonly #options: SyncOptions;
  readonly #parts: SyncParts;
  readonly #state: SourceState;
  readonly #source: ReadSource;
  readonly #ownership: Ownership;
  readonly #results: Result[] = [];
  readonly #warnings = new Set<string>();
  /** Bytes to bring, where that is known. */
  #total: number | undefined;
  /** Whether it is known which images are there. */
  #listed = false;
  /** By image id. */
  readonly #written = new Map<string, WrittenImage>();

  constructor(options: SyncOptions, parts: SyncParts, state: SourceState, source: ReadSource) {
    this.#options = options;
    this.#parts = parts;
    this.#state = state;
    this.#source = source;
    this.#ownership = ownershipAt(parts.destination, recordedBase(source.place));
  }

  async mirror(): Promise<void> {
    const { destination, signal } = this.#parts;
    const { prefix, set, collision, visibility, prune, jobs } = this.#options;
    for (const { label, error } of this.#source.failures) this.#fail(label, label, error);
    const { wanted, surplus } = select(this.#source.entries, this.#options);
    const offered = this.#source.entries.length;
    if (wanted.length === 0 && offered > 0) this.warn(`none of the ${offered} images of the source meets the filters`);
    const { client } = this.#state;
    const leftovers = { destination, ownership: this.#ownership, client, dryRun: this.#options.dryRun };
    const images = await mendLeftovers(await destination.list(), { ...leftovers, warn: (text) => this.warn(text) });
    this.#listed = true;
    for (const { id } of images) {
      const written = this.#state.written[id];
      if (written !== undefined) this.#written.set(id, written);
    }
    const rules = { ownership: this.#ownership, destination, prefix, set, collision, visibility };
    const { decisions, failures, warnings } = decide(wanted, images, { ...rules, written: this.#written });
    for (const warning of warnings) this.warn(warning);
    for (const { entry, error } of failures) this.#fail(prefix + entry.entry.name, entry.label, error);
    this.#total = bytesOf(decisions);
    await sideBySide(decisions, jobs, async (decision) => {
      signal.throwIfAborted();
      await this.#offered(decision);
    });
    if (prune) await this.#prune(images, decisions, surplus);
  }

  outcome(): Outcome {
    const { kind, place, found } = this.#source;
    const { home } = this.#parts.origins;
    return {
      source: recordedUrl(home, place),
      kind,
      seen: found,
      results: this.#results,
      warnings: [...this.#warnings],
    };
  }

  warn(text: string): void {
    if (this.#warnings.has(text)) return;
    this.#warnings.add(text);
    this.#parts.report.warning(text);
  }

  /** What the next run need not read again, and what it must not forget. Written only when it is not what is there. */
  async keepState(): Promise<void> {
    const { documents, sidecars, found } = this.#source;
    const seen = found !== undefined && !isAhead(found, this.#parts.now()) ? found : this.#state.seen;
    const { trust, client } = this.#state;
    const written = this.#listed ? Object.fromEntries(this.#written) : this.#state.written;
    const next: SourceState = { trust, client, documents, sidecars, ...(seen ? { seen } : {}), written };
    if (!isDeepStrictEqual(next, this.#state)) await writeState(this.#options.stateFile, next);
  }

  async #offered(decision: Offered): Promise<void> {
    const { name, entry, reason } = decision;
    const about = { name, label: entry.label, reason };
    switch (decision.kind) {
      case 'up-to-date':
        this.#note(decision.image.id, decision);
        return this.#tell({ action: 'up-to-date', ...about, id: decision.image.id });
      case 'exists':
        return this.#tell({ action: 'exists', ...about, id: decision.image.id });
      case 'skip':
        return this.#tell({ action: 'skipped', ...about, ...(decision.image ? { id: decision.image.id } : {}) });
      case 'refresh':
        return this.#attempt(
          about,
          async () => {
            await this.#parts.destination.change(decision.image.id, decision.change);
            this.#note(decision.image.id, decision);
            return { action: 'refreshed', ...about, id: decision.image.id };
          },
          'refreshed',
        );
      default: {
        const action = ACTIONS[decision.kind];
        return this.#attempt(
          about,
          async () => {
            const started = performance.now();
            const { maxBytes, visibility } = this.#options;
            const { client } = this.#state;
            const { trust, signal } = this.#parts;
            const terms = { entry, plan: decision, visibility, maxBytes, signed: trust !== undefined, client, signal };
            const brought = (bytes: number): void => this.#parts.report.progress(bytes, this.#total);
            const { id, size, warnings } = await importImage(terms, { ...this.#parts, brought });
            for (const warning of warnings) this.warn(`${entry.label}: ${warning}`);
            this.#note(id, decision);
            const seconds = (performance.now() - started) / 1000;
            return { action, ...about, id, seconds, ...(size === null ? {} : { size }) };
          },
          action,
        );
      }
    }
  }

  async #prune(
    images: readonly RemoteImage[],
    decisions: readonly Offered[],
    surplus: readonly SourceEntry[],
  ): Promise<void> {
    const { entries, covers } = this.#source;
    const failed = this.#results.some(({ action }) => action === 'failed');
    if (failed || entries.length === 0) {
      return this.warn(`nothing is pruned: ${failed ? 'something failed' : 'the source offers no image'}`);
    }
    const { prefix, set, graceDays } = this.#options;
    const left = new Set(surplus);
    const { gone, strangers } = decideVanished(images, {
      ownership: this.#ownership,
      covers,
      offered: new Set(entries.filter((entry) => !left.has(entry)).map(({ syncSource }) => syncSource)),
      known: this.#written,
      busy: new Set(decisions.flatMap(idsOf)),
      prefix,
      set,
      graceDays,
      now: this.#parts.now(),
    });
    if (strangers.length > 0) {
      const names = strangers.map(({ id, name }) => `${name ?? ''} (${id})`);
      this.warn(
        `not pruned, because no run of this job on record brought them: ${names.slice(0, 10).join(', ')}${names.length > 10 ? ', ...' : ''}`,
      );
    }
    for (const vanished of gone) {
      this.#parts.signal.throwIfAborted();
      await this.#vanished(vanished);
    }
  }

  async #vanished({ kind, image, name, reason }: Vanished): Promise<void> {
    const { destination, now } = this.#parts;
    const { id } = image;
    const about = { name, label: id, reason, id };
    if (kind === 'wait') return this.#tell({ action: 'waiting', ...about });
    if (kind === 'hide') {
      return this.#attempt(
        about,
        async () => {
          await destination.change(id, hiding(image, destination.api, now()));
          return { action: 'hidden', ...about };
        },
        'hidden',
      );
    }
    return this.#attempt(
      about,
      async () => {
        if (image.protected) await destination.change(id, { protected: false });
        await destination.remove(id);
        return { action: 'deleted', ...about };
      },
      'deleted',
    );
  }

  async #attempt(
    about: Pick<Result, 'name' | 'label' | 'reason'>,
    work: () => Promise<Result>,
    action: Action,
  ): Promise<void> {
    if (this.#options.dryRun) return this.#tell({ action, ...about });
    try {
      this.#tell(await work());
    } catch (error) {
      if (this.#parts.signal.aborted) throw this.#parts.signal.reason;
      this.#fail(about.name, about.label, error);
    }
  }

  #note(id: string, { entry, draft }: Extract<Offered, { draft: unknown }>): void {
    this.#written.set(id, writtenOf(draft, visibilityOf(entry, this.#options.visibility)));
  }

  #fail(name: string, label: string, error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    this.#tell({ action: 'failed', name, label, reason: isSyncError(error) ? reason : `it failed: ${reason}` });
  }

  #tell(result: Result): void {
    this.#results.push(result);
    this.#parts.report.result(result);
  }
}

const ACTIONS: Readonly<Record<'import' | 'rotate' | 'replace', Action>> = {
  import: 'imported',
  rotate: 'rotated',
  replace: 'replaced',
};
