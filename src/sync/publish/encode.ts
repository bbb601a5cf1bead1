import { compress } from '../../compression/compress.js';
import type { Encoding } from '../../compression/encoding.js';
import type { Image } from '../../domain/image.js';
import type { Digest, Hasher } from '../../domain/ports/hasher.js';
import { knownSize } from '../../service/locations.js';
import { pump } from '../../stream/pump.js';
import { SyncError } from '../sync-error.js';
import { ALGORITHMS } from './hash-all.js';
import type { Blob, BlobDigests } from './known-blobs.js';
import type { PublishSource, RepositoryTarget } from './ports.js';

export interface EncodeParts {
  readonly source: PublishSource;
  readonly target: RepositoryTarget;
  readonly hasher: Hasher;
  readonly signal: AbortSignal;
  /** Told of bytes of the image as they are read. */
  onBytes(bytes: number): void;
}

/**
 * Brings an image into the pool in one encoding, reading it once: its bytes are hashed, compressed and hashed again on the way. Bytes that are not those that the image
 * records, in size, checksum or hash, are refused before anything is kept: SyncError mismatch. Throws RegistryError of the store, CompressionError, and TargetFailure.
 */
export async function encode(image: Image, encoding: Encoding, parts: EncodeParts): Promise<Blob> {
  const { source, target, hasher, signal } = parts;
  const opened = await source.open(image, signal);
  const plain = new Recorder(hasher);
  const packed = new Recorder(hasher);
  const { hashAlgorithm } = image;
  const own = hashAlgorithm !== null && !isCommon(hashAlgorithm) ? [hashAlgorithm] : [];
  const recordedSize = knownSize(image);
  let [expandedSize, size] = [0, 0];
  const expanded = (): BlobDigests => {
    verify(image, expandedSize, plain);
    return plain.digests;
  };
  try {
    await pump(opened.bytes, {
      signal,
      hasher: plain,
      algorithms: [...ALGORITHMS, ...own],
      onBytes: (total) => {
        if (recordedSize !== undefined && total > recordedSize) throw mismatch('size', recordedSize, 'more');
        parts.onBytes(total - expandedSize);
        expandedSize = total;
      },
      sink: async (bytes) => {
        if (encoding === 'none') return keep(target, bytes, async () => expanded().sha256, signal);
        await pump(compress(encoding, bytes, signal), {
          signal,
          hasher: packed,
          algorithms: ALGORITHMS,
          onBytes: (total) => {
            size = total;
          },
          sink: (stored) =>
            keep(
              target,
              stored,
              async () => {
                expanded();
                return packed.digests.sha256;
              },
              signal,
            ),
        });
      },
    });
  } finally {
    await opened.close();
  }
  const digests = expanded();
  return encoding === 'none'
    ? { encoding, size: expandedSize, stored: digests, expandedSize, expanded: digests }
    : { encoding, size, stored: packed.digests, expandedSize, expanded: digests };
}

/** The repository itself cannot be written: nothing that has to do with one image. */
export class TargetFailure extends Error {
  constructor(override readonly cause: unknown) {
    super('the repository cannot be written', { cause });
  }
}

/** RepositoryTarget.addBlob, which says whether it was the target that failed, or what it was given. */
async function keep(
  target: RepositoryTarget,
  bytes: AsyncIterable<Uint8Array>,
  sealed: () => Promise<string>,
  signal: AbortSignal,
): Promise<void> {
  const given: { failure?: unknown } = {};
  const noted = (error: unknown): never => {
    given.failure = error;
    throw error;
  };
  const passed = async function* (): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      yield* bytes;
    } catch (error) {
      noted(error);
    }
  };
  try {
    await target.addBlob(passed(), () => sealed().catch(noted), signal);
  } catch (error) {
    if (signal.aborted || error === given.failure) throw error;
    throw new TargetFailure(error);
  }
}

/** Keeps the digests of one stream, which are known when its last byte was taken and before the pump is over. */
class Recorder implements Hasher {
  readonly #found = new Map<string, string>();

  constructor(private readonly hasher: Hasher) {}

  start(algorithms: readonly string[]): Digest {
    const digest = this.hasher.start(algorithms);
    return {
      update: (chunk) => digest.update(chunk),
      finish: async () => {
        const values = await digest.finish();
        for (const [index, algorithm] of algorithms.entries()) this.#found.set(algorithm, values[index] ?? '');
        return values;
      },
      abort: () => digest.abort(),
    };
  }

  async close(): Promise<void> {}

  get digests(): BlobDigests {
    return { md5: this.of('md5'), sha256: this.of('sha256'), sha512: this.of('sha512') };
  }

  of(algorithm: string): string {
    const value = this.#found.get(algorithm);
    if (value === undefined) throw new Error(`No ${algorithm} has been computed yet.`);
    return value;
  }
}

function isCommon(algorithm: string): boolean {
  return ALGORITHMS.some((one) => one === algorithm);
}

function verify(image: Image, size: number, found: Recorder): void {
  const { checksum, hashAlgorithm, hashValue } = image;
  const recordedSize = knownSize(image);
  if (recordedSize !== undefined && size !== recordedSize) throw mismatch('size', recordedSize, String(size));
  if (checksum !== null && checksum.toLowerCase() !== found.of('md5')) {
    throw mismatch('MD5', checksum, found.of('md5'));
  }
  if (hashAlgorithm !== null && hashValue !== null && hashValue.toLowerCase() !== found.of(hashAlgorithm)) {
    throw mismatch(hashAlgorithm, hashValue, found.of(hashAlgorithm));
  }
}

function mismatch(what: string, recorded: string | number, found: string): SyncError {
  return new SyncError('mismatch', `the store gives other bytes: ${what} ${recorded} is recorded, and ${found} came`);
}
