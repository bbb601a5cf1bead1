/** Algorithms by the names that clients know them by (those of Python's hashlib), and the bytes of their digests. */
const DIGEST_BYTES = {
  sha512: 64,
  sha256: 32,
  sha384: 48,
  sha224: 28,
  sha1: 20,
  md5: 16,
  sha3_224: 28,
  sha3_256: 32,
  sha3_384: 48,
  sha3_512: 64,
  blake2b: 64,
  blake2s: 32,
} as const;

export type HashAlgorithm = keyof typeof DIGEST_BYTES;

/** Whether there is such an algorithm. */
export function isHashAlgorithm(name: string): name is HashAlgorithm {
  return Object.hasOwn(DIGEST_BYTES, name);
}

/** All of them, the common ones first. */
export const HASH_ALGORITHMS: readonly HashAlgorithm[] = Object.keys(DIGEST_BYTES).filter(isHashAlgorithm);

/** Bytes of a digest; clients write it in twice as many hexadecimal digits. */
export function digestBytes(algorithm: HashAlgorithm): number {
  return DIGEST_BYTES[algorithm];
}
