import { open } from 'node:fs/promises';
import { SyncError } from '../sync-error.js';

const MAX_BYTES = 1024 * 1024;

/**
 * Reads a file that holds a secret: a key, a passphrase. Throws SyncError usage when it cannot be read, is larger than 1 MiB, or when anybody but
 * its owner may read or write it.
 */
export function readSecretFile(path: string): Promise<Buffer> {
  return read(path, (mode) => {
    if ((mode & 0o077) !== 0) {
      throw new SyncError('usage', `${path}: others than its owner may use this secret; run: chmod 600 ${path}`);
    }
  });
}

/** Reads a file that everybody may see: a public key, a keyring. Throws SyncError usage. */
export function readPublicFile(path: string): Promise<Buffer> {
  return read(path, () => {});
}

async function read(path: string, checkMode: (mode: number) => void): Promise<Buffer> {
  try {
    const file = await open(path);
    try {
      const stat = await file.stat();
      if (!stat.isFile()) throw new SyncError('usage', `${path}: is no file`);
      if (stat.size > MAX_BYTES) throw new SyncError('usage', `${path}: is too large for a key file`);
      checkMode(stat.mode);
      return await file.readFile();
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof SyncError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new SyncError('usage', `${path}: cannot be read: ${why}`, { cause: error });
  }
}

/** The passphrases of a file, one in a line: keys that sign side by side may each have their own. Throws SyncError usage. */
export async function readPassphrases(path: string): Promise<readonly string[]> {
  const lines = (await readSecretFile(path)).toString('utf8').split(/\r?\n/);
  const passphrases = lines.filter((line) => line !== '');
  if (passphrases.length === 0) throw new SyncError('usage', `${path}: holds no passphrase`);
  return passphrases;
}
