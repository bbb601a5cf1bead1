import type { ImageId } from '../image.js';
import type { ByteRange, Opened } from './store.js';

/** Opens the bytes at their origin. What it gives must fail before its last byte where they are not the ones that were recorded. */
export type Fetch = (signal: AbortSignal) => Promise<Opened>;

/** Bytes of external locations, kept so that many readers cost one fetch and later ones outlive the origin. */
export interface LocationCache {
  /**
   * An image's bytes: those that are kept, else those that `fetch` brings, which are kept once they have come whole; readers that come meanwhile share the fetch.
   * A reader that leaves does not end it. Undefined where they cannot be kept (too large, of unknown size, or another process is fetching them):
   * the reader has to go to the origin by itself. Bytes that are kept and are not as many as `size` says are forgotten.
   * Throws what `fetch` throws, and range.
   */
  open(
    id: ImageId,
    range: ByteRange | undefined,
    signal: AbortSignal,
    fetch: Fetch,
    size?: number | null,
  ): Promise<Opened | undefined>;
  /** Forgets an image's bytes, and those on their way. Quiet when there are none. */
  drop(id: ImageId): Promise<void>;
  /** Breaks off the fetches under way, of which nothing is kept. */
  close(): Promise<void>;
}
