import { SyncError } from '../sync-error.js';

/** A hash that bytes must have. */
export interface WantedDigest {
  /** By the name that a Hasher knows. */
  readonly algorithm: string;
  /** Lower-case hex. */
  readonly value: string;
  /** Who says so, for errors: `SHA256SUMS`, `the .properties file`. */
  readonly from: string;
}

/** The first that a statement has is the one that is computed: SHA-256 is the fastest of the sound ones on the processors of today. */
const PREFERRED = ['sha256', 'sha512', 'blake2b', 'sha1', 'md5'];

/**
 * The hashes to compute, so that every one of the statements about the same bytes is held to its word.
 * Throws SyncError mismatch when two of them contradict each other.
 */
export function digestsToCompute(
  name: string,
  statements: readonly (readonly WantedDigest[])[],
): readonly WantedDigest[] {
  const all = statements.flat();
  for (const one of all) {
    const other = all.find(({ algorithm, value }) => algorithm === one.algorithm && value !== one.value);
    if (other === undefined) continue;
    throw new SyncError(
      'mismatch',
      `${name}: ${one.from} and ${other.from} differ in its ${one.algorithm}: ${one.value} and ${other.value}`,
    );
  }
  const chosen = new Map<string, WantedDigest>();
  for (const statement of statements) {
    const best = PREFERRED.flatMap((algorithm) => statement.find((wanted) => wanted.algorithm === algorithm) ?? [])[0];
    if (best !== undefined && !chosen.has(best.algorithm)) chosen.set(best.algorithm, best);
  }
  return [...chosen.values()];
}

/** Throws SyncError mismatch unless the digests, in the order of `wanted`, are those that are wanted. */
export function assertDigests(name: string, wanted: readonly WantedDigest[], digests: readonly string[]): void {
  for (const [index, { algorithm, value, from }] of wanted.entries()) {
    const found = digests[index];
    if (found === value) continue;
    throw new SyncError('mismatch', `${name}: its ${algorithm} is ${found}, and ${from} says ${value}`);
  }
}

/** Throws SyncError mismatch unless bytes are as many as announced, where anybody did. */
export function assertSize(name: string, wanted: number | undefined, size: number): void {
  if (wanted === undefined || wanted === size) return;
  throw new SyncError('mismatch', `${name}: it has ${size} bytes, and ${wanted} are announced`);
}
