import { digestBytes, type HashAlgorithm } from '../../domain/hash-algorithms.js';
import { SyncError } from '../sync-error.js';

/** The algorithms of published hashes, the weakest first. */
export const DIGEST_ALGORITHMS = ['md5', 'sha1', 'sha256', 'sha512'] as const satisfies readonly HashAlgorithm[];

export type DigestAlgorithm = (typeof DIGEST_ALGORITHMS)[number];

/** Hashes of some bytes, in lower-case hex; what is not known is left out. */
export interface Digests {
  readonly md5?: string;
  readonly sha1?: string;
  readonly sha256?: string;
  readonly sha512?: string;
}

const HEX = /^[0-9a-f]+$/i;

/** A digest in lower case. Throws SyncError invalid, naming `what`, for a text that is no digest of the algorithm. */
export function readDigest(algorithm: DigestAlgorithm, text: string, what: string): string {
  const digits = 2 * digestBytes(algorithm);
  if (text.length === digits && HEX.test(text)) return text.toLowerCase();
  throw new SyncError('invalid', `${what} is not ${digits} hexadecimal digits`);
}

/** The strongest hash that is known, or undefined. */
export function strongest(
  digests: Digests,
): { readonly algorithm: DigestAlgorithm; readonly value: string } | undefined {
  for (const algorithm of DIGEST_ALGORITHMS.toReversed()) {
    const value = digests[algorithm];
    if (value !== undefined) return { algorithm, value };
  }
  return undefined;
}
