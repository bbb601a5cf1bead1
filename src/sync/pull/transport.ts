/** What tells one state of a file from another, as its server says it. */
export interface Validators {
  readonly etag?: string;
  readonly lastModified?: string;
}

export interface FetchRequest {
  readonly signal: AbortSignal;
  /** Bytes that the whole file may have. */
  readonly maxBytes: number;
  /** Ask for the file only if it differs from these. */
  readonly unless?: Validators;
  /** Ask for the bytes behind `from` if the file still is what these say, else for all of them. */
  readonly resume?: { readonly from: number; readonly validators: Validators };
}

/** A file on its way in. */
export interface FetchedContent {
  readonly kind: 'content';
  /** Position in the file of the first byte of `bytes`: that of the request, or 0. */
  readonly start: number;
  /** Bytes of the whole file, where the server says. */
  readonly size: number | undefined;
  readonly validators: Validators;
  /**
   * Chunks are valid only until the next one is asked for. Fails with SyncError: `unreachable` when it breaks off or stalls, `mismatch` when it is longer
   * than allowed. To be read to its end, or closed.
   */
  readonly bytes: AsyncIterable<Uint8Array>;
  close(): void;
}

export type Fetched =
  | FetchedContent
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'absent'; readonly status?: number };

/** How files of one family of URLs are read. */
export interface Transport {
  /** Throws SyncError: `unreachable` (TransientError where another try may help), `refused`, `mismatch` for a file that says it is too large. */
  open(url: URL, request: FetchRequest): Promise<Fetched>;
  close(): Promise<void>;
}

/** A time-out of each kind, in milliseconds. */
export interface FetchTimes {
  readonly connectMs: number;
  /** From a request to the head of its answer. */
  readonly answerMs: number;
  /** A body that brings fewer than `stallBytes` in this time has stalled. */
  readonly idleMs: number;
  readonly stallBytes: number;
  /** From the request to the end of a metadata file, however steadily it comes. */
  readonly metadataMs: number;
}

export const FETCH_TIMES: FetchTimes = {
  connectMs: 15_000,
  answerMs: 60_000,
  idleMs: 60_000,
  stallBytes: 1024,
  metadataMs: 300_000,
};
