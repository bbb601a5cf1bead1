import { CompressionError } from '../../compression/compression-error.js';
import type { Encoding } from '../../compression/encoding.js';
import { expand } from '../../compression/expand.js';
import type { Hasher } from '../../domain/ports/hasher.js';
import type { DeclaredFormats, Inspector } from '../../domain/ports/inspector.js';
import { openFile } from '../../stream/open-file.js';
import { pump } from '../../stream/pump.js';
import { SyncError } from '../sync-error.js';
import { assertDigests, assertSize, type WantedDigest } from './wanted-digests.js';

export interface TransferTerms {
  /** The verified file. */
  readonly path: string;
  readonly encoding: Encoding;
  /** What errors call the image. */
  readonly name: string;
  /** Bytes that the image must have, where it is known. */
  readonly size: number | undefined;
  /** Bytes that it may have. */
  readonly maxBytes: number;
  /** Bytes of the disk that the guest sees, where somebody says. */
  readonly virtualSize: number | undefined;
  /** Hashes that the image must have. */
  readonly wanted: readonly WantedDigest[];
  readonly formats: DeclaredFormats;
  readonly signal: AbortSignal;
}

export interface TransferParts {
  readonly hasher: Hasher;
  readonly inspector: Inspector;
}

/**
 * Brings the bytes of an image from a file to `take`: expanded, counted, hashed and inspected on the way. The last of them are handed out only when
 * everything is as it must be, so that nobody ever has a whole image that was not verified. Throws SyncError `mismatch` for other bytes than announced and for
 * a disk that is not what it is called, `invalid` for a broken compression; and whatever `take` throws.
 */
export async function transfer<T>(
  terms: TransferTerms,
  { hasher, inspector }: TransferParts,
  take: (bytes: AsyncIterable<Uint8Array>) => Promise<T>,
): Promise<T> {
  const { name, signal, wanted } = terms;
  const opened = await openFile(terms.path, undefined, signal);
  const inspection = inspector.start(terms.formats);
  const refuse = (): void => {
    const verdict = inspection.finish();
    if (!verdict.accepted) throw new SyncError('mismatch', `${name}: ${verdict.message}`);
    const { virtualSize } = verdict;
    if (terms.virtualSize !== undefined && virtualSize !== null && virtualSize !== terms.virtualSize) {
      throw new SyncError(
        'mismatch',
        `${name}: its disk has ${virtualSize} bytes, and ${terms.virtualSize} are announced`,
      );
    }
  };
  try {
    const { result } = await pump(expand(terms.encoding, opened.bytes, { maxBytes: terms.maxBytes, signal }), {
      signal,
      hasher,
      algorithms: wanted.map(({ algorithm }) => algorithm),
      sink: (bytes) => take(withheld(bytes, (chunk) => inspection.update(chunk), refuse)),
      onEnd(size, digests) {
        assertSize(name, terms.size, size);
        assertDigests(name, wanted, digests);
      },
    });
    return result;
  } catch (error) {
    throw error instanceof CompressionError ? asSyncError(name, error, terms.size) : error;
  } finally {
    await opened.close();
  }
}

/** The bytes, of which the very last one comes only when `end` has not thrown. */
async function* withheld(
  bytes: AsyncIterable<Uint8Array>,
  see: (chunk: Uint8Array) => void,
  end: () => void,
): AsyncGenerator<Uint8Array, void, undefined> {
  // A chunk is valid only until the next one is asked for: holding back one byte of it costs nothing.
  const last = new Uint8Array(1);
  let begun = false;
  for await (const chunk of bytes) {
    if (chunk.byteLength === 0) continue;
    see(chunk);
    if (begun) yield last;
    if (chunk.byteLength > 1) yield chunk.subarray(0, -1);
    last.set(chunk.subarray(-1));
    begun = true;
  }
  end();
  if (begun) yield last;
}

function asSyncError(name: string, error: CompressionError, size: number | undefined): SyncError {
  switch (error.kind) {
    case 'too-large': {
      const why = size === undefined ? ': --max-size allows no more' : `, and ${size} are announced`;
      return new SyncError('mismatch', `${name}: ${error.message}${why}`, { cause: error });
    }
    case 'invalid':
      return new SyncError('invalid', `${name}: ${error.message}`, { cause: error });
    case 'unavailable':
      return new SyncError('usage', `${name}: ${error.message}`, { cause: error });
  }
}
