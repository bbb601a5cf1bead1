import { SyncError } from '../sync-error.js';
import type { RateLimit } from './rate-limit.js';
import { TransientError } from './transient-error.js';

export interface BodyGuard {
  /** What errors call the file. */
  readonly name: string;
  /** Position of the first byte. */
  readonly start: number;
  /** Bytes of the whole file that may come. */
  readonly maxBytes: number;
  /** Bytes of the whole file that were announced. */
  readonly size: number | undefined;
  readonly idleMs: number;
  /** Fewer bytes than this within `idleMs` are a stall. */
  readonly stallBytes: number;
  readonly rate: RateLimit;
  readonly signal: AbortSignal;
  /** Ends the connection; harmless when it has ended. */
  close(): void;
}

/**
 * The bytes of a file as they come, held to what was announced, to the most that may come, to a pace, and to a rate.
 * However the reading ends, the connection is closed. Throws SyncError `mismatch` for too many, TransientError when the source breaks off or stalls.
 */
export async function* guardedBody(
  body: AsyncIterable<Uint8Array>,
  guard: BodyGuard,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { name, start, maxBytes, size, signal } = guard;
  let seen = start;
  let stalled = false;
  const watch = watchPace(guard, () => {
    stalled = true;
    guard.close();
  });
  try {
    for await (const chunk of body) {
      seen += chunk.byteLength;
      if (seen > maxBytes) throw tooLarge(name, maxBytes);
      watch.saw(chunk.byteLength);
      watch.hold();
      const wait = guard.rate.take(chunk.byteLength, signal);
      if (wait) await wait;
      yield chunk;
      watch.go();
    }
    // Some streams end as if all were well when they are destroyed.
    if (stalled) throw new Error('stalled');
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (stalled)
      throw new TransientError(`${name} stalled: fewer than ${guard.stallBytes} bytes in ${guard.idleMs / 1000} s`);
    if (error instanceof SyncError) throw error;
    throw brokenOff(name, seen, size, error);
  } finally {
    watch.stop();
    guard.close();
  }
  if (size !== undefined && seen !== size) throw brokenOff(name, seen, size);
}

export function tooLarge(name: string, maxBytes: number): SyncError {
  return new SyncError('mismatch', `${name} is larger than the ${maxBytes} bytes that it may have`);
}

function brokenOff(name: string, seen: number, size: number | undefined, cause?: unknown): TransientError {
  const of = size === undefined ? '' : ` of ${size}`;
  return new TransientError(`${name} broke off after ${seen}${of} bytes`, { cause });
}

/** Calls `stall` when too few bytes came in `idleMs` of waiting for them. The time that the reader takes is not held against the source. */
function watchPace({ idleMs, stallBytes }: BodyGuard, stall: () => void) {
  let bytes = 0;
  let waited = 0;
  let since: number | undefined = performance.now();
  const count = (): void => {
    if (since === undefined) return;
    waited += performance.now() - since;
    since = performance.now();
  };
  const check = (): void => {
    count();
    if (waited < idleMs) return;
    if (bytes < stallBytes) stall();
    bytes = 0;
    waited = 0;
  };
  const timer = setInterval(check, Math.max(1, idleMs / 4));
  return {
    saw(some: number): void {
      bytes += some;
    },
    hold(): void {
      count();
      since = undefined;
    },
    go(): void {
      since = performance.now();
    },
    stop(): void {
      clearInterval(timer);
    },
  };
}
