import { RegistryError } from '../domain/errors.js';
import type { Digest, Hasher } from '../domain/ports/hasher.js';
import { Batch } from './batch.js';
import { intake, type Source } from './intake.js';
import { type SlabPool, slabs } from './slabs.js';

export interface PumpOptions<T> {
  /** Aborting it fails the pump with the signal's reason. */
  readonly signal: AbortSignal;
  readonly hasher: Hasher;
  /** Digests to compute, by the names of node:crypto. */
  readonly algorithms: readonly string[];
  /** Takes the bytes, all of them, and keeps or refuses them. A chunk is valid only until the next one is asked for. */
  sink(bytes: AsyncIterable<Uint8Array>): Promise<T>;
  /** Called with the bytes so far before the sink sees the newest of them; throws to refuse them. */
  onBytes?(total: number): void | Promise<void>;
  /** Called with the whole size and the digests before the sink learns that there is no more; throws to refuse the bytes. */
  onEnd?(size: number, digests: readonly string[]): void;
  readonly pool?: SlabPool;
}

export interface Pumped<T> {
  readonly size: number;
  /** Hex, in the order of the algorithms. */
  readonly digests: readonly string[];
  readonly result: T;
}

/**
 * Brings bytes from a source to a sink once, hashing and counting them on the way, with flat memory whatever the size.
 * Settles only after the sink has. On failure of any part the sink's bytes throw the reason, the hashing stops, and the pump throws that reason;
 * a readable source is left paused for its owner to close. Throws client-closed when a readable source breaks off before its end.
 */
export async function pump<T>(source: Source, options: PumpOptions<T>): Promise<Pumped<T>> {
  const { signal, hasher, algorithms } = options;
  signal.throwIfAborted();
  const batch = new Batch(options.pool ?? slabs);
  const digest = hasher.start(algorithms);
  const onAbort = (): void => batch.fail(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  const intaking = intake(source, batch);
  const state: Drained = { size: 0, digests: undefined };
  try {
    const result = await options.sink(drain(batch, digest, state, options));
    if (!state.digests) throw new RegistryError('storage-unavailable', 'The store did not take all bytes.');
    return { size: state.size, digests: state.digests, result };
  } catch (error) {
    digest.abort();
    throw error;
  } finally {
    signal.removeEventListener('abort', onAbort);
    intaking.stop();
    batch.fail(new Error('The pump is over.'));
  }
}

interface Drained {
  size: number;
  /** Set when the sink has been given the end of the bytes. */
  digests: readonly string[] | undefined;
}

/** Hashing of a slab runs beside its writing; the slab is free when both are done. */
async function* drain<T>(
  batch: Batch,
  digest: Digest,
  state: Drained,
  options: PumpOptions<T>,
): AsyncGenerator<Uint8Array, void, undefined> {
  for (let batched = await batch.next(); batched; batched = await batch.next()) {
    const { bytes, release } = batched;
    let hashed = Promise.resolve();
    try {
      const allowed = options.onBytes?.(state.size + bytes.byteLength);
      if (allowed) await allowed;
      state.size += bytes.byteLength;
      hashed = Promise.resolve(digest.update(bytes));
      yield bytes;
    } finally {
      hashed.then(release, (error: unknown) => {
        release();
        batch.fail(error);
      });
    }
  }
  // Before the sink learns that this was the end: it must not keep bytes whose digests are lost.
  const digests = await digest.finish();
  options.onEnd?.(state.size, digests);
  state.digests = digests;
}
