import type { SyncError } from '../sync-error.js';
import type { DocumentReader } from './documents.js';
import type { OriginRules } from './origins.js';
import type { SourceEntry, SourcePlace } from './source-entry.js';
import type { KnownDocument, SeenGeneration, SourceState } from './source-state.js';

/** What a source is read with. */
export interface SourceReader extends DocumentReader {
  readonly origins: OriginRules;
  /** What earlier runs read and verified. */
  readonly known: Pick<SourceState, 'documents' | 'sidecars'>;
}

/** A source, read and verified, with what the next run need not read again. */
export interface ReadSource {
  /** `directory`, `properties` or `streams`: what it turned out to be. */
  readonly kind: string;
  readonly place: SourcePlace;
  readonly entries: readonly SourceEntry[];
  /** What could not be read, by its path. */
  readonly failures: readonly SourceFailure[];
  readonly warnings: readonly string[];
  /**
   * Whether an image of this `image_sync_source` would be among the entries or the failures if the source still had it; undefined where the source is only a part of a
   * repository, which cannot say that something is gone.
   */
  readonly covers: ((syncSource: string) => boolean) | undefined;
  /** How new it says it is. */
  readonly found: SeenGeneration | undefined;
  readonly documents: Readonly<Record<string, KnownDocument>>;
  readonly sidecars: Readonly<Record<string, string>>;
}

export interface SourceFailure {
  readonly label: string;
  readonly error: SyncError;
}
