import type { Encoding } from '../../compression/encoding.js';
import type { Image } from '../../domain/image.js';
import type { Hasher } from '../../domain/ports/hasher.js';
import { sideBySide } from '../side-by-side.js';
import type { Candidate } from './candidates.js';
import { encode, TargetFailure } from './encode.js';
import { contentKey, type KnownBlobs } from './known-blobs.js';
import type { PublishSource, RepositoryTarget } from './ports.js';

/** An image that could not be published, or not in every form. */
export interface Failure {
  readonly image: string;
  readonly name: string;
  readonly message: string;
  readonly cause: unknown;
}

/** One image that has to be read, because its bytes are not in the pool in this encoding. */
export interface Task {
  readonly image: Image;
  readonly encoding: Encoding;
  readonly key: string;
}

/** How far the reading has come. */
export interface Progress {
  /** Bytes of images that were read, and that are to be read in all. */
  readonly done: number;
  readonly total: number;
  readonly images: number;
  readonly of: number;
  /** The one that was begun last. */
  readonly name: string;
}

/** What has to be read. Of images with the same bytes one is enough. A blob that the pool has lost is read again. */
export async function missing(
  candidates: readonly Candidate[],
  known: KnownBlobs,
  target: RepositoryTarget,
): Promise<readonly Task[]> {
  const tasks = new Map<string, Task>();
  const looked = new Map<string, boolean>();
  for (const { image, encodings } of candidates) {
    const key = contentKey(image);
    for (const encoding of encodings) {
      const name = `${key} ${encoding}`;
      if (tasks.has(name)) continue;
      const blob = known.get(key, encoding);
      const there =
        blob !== undefined &&
        (looked.get(blob.stored.sha256) ?? (await target.blobSize(blob.stored.sha256)) === blob.size);
      if (blob !== undefined) looked.set(blob.stored.sha256, there);
      if (!there) known.drop(key, encoding);
      if (!there) tasks.set(name, { image, encoding, key });
    }
  }
  return [...tasks.values()];
}

export interface EncodeAllParts {
  readonly source: PublishSource;
  readonly target: RepositoryTarget;
  readonly hasher: Hasher;
  readonly known: KnownBlobs;
  readonly signal: AbortSignal;
  readonly jobs: number;
  onProgress(progress: Progress): void;
}

/** Milliseconds of work that a kill may cost: the memory of blobs is written that often while they are made. */
const REMEMBER_EVERY = 2000;

export interface Encoded {
  /** Blobs that were made. */
  readonly encoded: number;
  readonly failures: readonly Failure[];
}

/** Reads what is missing, several at once. Images that fail are returned and do not stop the others; a target that fails does. */
export async function encodeMissing(tasks: readonly Task[], parts: EncodeAllParts): Promise<Encoded> {
  const { source, target, known, signal, jobs, onProgress } = parts;
  const failures: Failure[] = [];
  let encoded = 0;
  const total = tasks.reduce((sum, { image }) => sum + (image.size ?? 0), 0);
  const state = { done: 0, total, images: 0, of: tasks.length, name: '' };
  let remembered = performance.now();
  const work = async ({ image, encoding, key }: Task): Promise<void> => {
    signal.throwIfAborted();
    state.name = image.name ?? '';
    onProgress({ ...state });
    const onBytes = (bytes: number): void => {
      state.done += bytes;
      onProgress({ ...state });
    };
    try {
      known.set(key, await encode(image, encoding, { ...parts, onBytes }));
      encoded += 1;
    } catch (error) {
      if (signal.aborted || error instanceof TargetFailure) throw error;
      if (await source.isThere(image)) failures.push(failureOf(image, error));
    }
    state.images += 1;
    onProgress({ ...state });
    if (performance.now() - remembered < REMEMBER_EVERY) return;
    remembered = performance.now();
    await target.writeRecord('known-blobs', known.text);
  };
  try {
    await sideBySide(tasks, jobs, work);
  } finally {
    // However the run ends, what was made is not made again; a disk that is too full even for this is told of elsewhere.
    if (encoded > 0) await target.writeRecord('known-blobs', known.text).catch(() => {});
  }
  return { encoded, failures };
}

export function failureOf({ id, name }: Image, error: unknown): Failure {
  const message = error instanceof Error ? error.message : String(error);
  return { image: id, name: name ?? '', message, cause: error };
}
