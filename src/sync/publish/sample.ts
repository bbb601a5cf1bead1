import { createHash, randomInt } from 'node:crypto';
import { SyncError } from '../sync-error.js';
import type { RepositoryTarget } from './ports.js';
import type { Version } from './version.js';

/** Blobs and bytes of a sample: seconds at most, before every change that readers see. */
const BLOBS = 3;
const BYTES = 256 * 1024 * 1024;

/** Hashes a few blobs of a generation once more, chosen at random. Throws SyncError mismatch for one that was damaged since it was made; it is made anew by the next run. */
export async function checkSample(versions: readonly Version[], target: RepositoryTarget): Promise<void> {
  const blobs = new Map(
    versions.flatMap(({ blobs }) => blobs.map(({ blob, path }) => [blob.stored.sha256, { path, ...blob }])),
  );
  const left = [...blobs.values()].filter(({ size }) => size <= BYTES);
  let bytes = 0;
  for (let count = 0; count < BLOBS && left.length > 0; count++) {
    const [blob] = left.splice(randomInt(left.length), 1);
    if (blob === undefined || bytes + blob.size > BYTES) continue;
    bytes += blob.size;
    const { sha256 } = blob.stored;
    if ((await hashOf(target, sha256)) === sha256) continue;
    await target.removeBlob(sha256);
    throw new SyncError('mismatch', `${target.name}: the bytes of ${blob.path} were damaged since they were hashed`);
  }
}

async function hashOf(target: RepositoryTarget, blob: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of target.readBlob(blob)) hash.update(chunk);
  return hash.digest('hex');
}
