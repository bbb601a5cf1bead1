import { createHash, type Hash } from 'node:crypto';

/** Where node:crypto has another name than Python's hashlib, which is what clients are told and look up. */
const NODE_NAMES: ReadonlyMap<string, string> = new Map([
  ['sha3_224', 'sha3-224'],
  ['sha3_256', 'sha3-256'],
  ['sha3_384', 'sha3-384'],
  ['sha3_512', 'sha3-512'],
  ['blake2b', 'blake2b512'],
  ['blake2s', 'blake2s256'],
]);

/** A hash by the name that clients know. Throws for an unknown one. */
export function newHash(algorithm: string): Hash {
  return createHash(NODE_NAMES.get(algorithm) ?? algorithm);
}
