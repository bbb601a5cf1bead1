import type { Hasher } from '../../domain/ports/hasher.js';
import { pump } from '../../stream/pump.js';

/** Of what a repository names, in the order in which two threads share them best: SHA-512 and SHA-256 cost one as much as MD5 the other. */
export const ALGORITHMS = ['sha512', 'md5', 'sha256'] as const;

/** Bytes and digests (hex, by algorithm) of something that was read to its end. */
export interface Hashed {
  readonly size: number;
  readonly digests: Readonly<Record<string, string>>;
}

/** Reads bytes to their end for their digests alone. Throws what the bytes throw. */
export async function hashAll(bytes: AsyncIterable<Uint8Array>, hasher: Hasher, signal: AbortSignal): Promise<Hashed> {
  const { size, digests } = await pump(bytes, { signal, hasher, algorithms: ALGORITHMS, sink: drain });
  return { size, digests: Object.fromEntries(ALGORITHMS.map((name, index) => [name, digests[index] ?? ''])) };
}

async function drain(bytes: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const _ of bytes);
}
