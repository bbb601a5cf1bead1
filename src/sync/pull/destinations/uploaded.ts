import { SyncError } from '../../sync-error.js';
import type { RemoteImage } from '../destination.js';

/** Bytes that remember how they failed: an HTTP client tells of it in its own way, and often of the connection that it cut instead. */
export class WatchedSource implements AsyncIterable<Uint8Array> {
  #failure: unknown;

  constructor(private readonly bytes: AsyncIterable<Uint8Array>) {}

  /** Why a request with these bytes failed: it was aborted, or the bytes failed, or else what the client says. */
  reason(error: unknown, signal: AbortSignal): unknown {
    return signal.aborted ? signal.reason : (this.#failure ?? error);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      yield* this.bytes;
    } catch (error) {
      this.#failure = error;
      throw error;
    }
  }
}

/** An image that was uploaded just now. Throws SyncError destination for one that is not active for all that. */
export function activeOf(image: RemoteImage): RemoteImage {
  if (image.status === 'active') return image;
  throw new SyncError('destination', `Image ${image.id} is ${image.status} after its upload, not active.`);
}
