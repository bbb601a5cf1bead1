import type { FileHandle } from 'node:fs/promises';
import { parseChecksumFile } from '../../formats/checksum-file.js';
import { SyncError } from '../../sync-error.js';

/** Bytes of a list of hashes; a longer one is no list of ours. */
const LONGEST_LIST = 16 * 1024 * 1024;

/** SHA-256 by path, as a directory file lists them; none where it is no such file. */
export type Hashes = ReadonlyMap<string, string>;

const NONE: Hashes = new Map();

/** Reads a `SHA256SUMS`. */
export async function readHashes(file: FileHandle, size: number): Promise<Hashes> {
  if (size > LONGEST_LIST) return NONE;
  try {
    const { algorithm, entries } = parseChecksumFile(await file.readFile('utf8'));
    return algorithm === 'sha256' ? new Map(entries.map(({ path, digest }) => [path, digest])) : NONE;
  } catch (error) {
    // A repository without images lists nothing.
    if (error instanceof SyncError) return NONE;
    throw error;
  }
}
