import { codeOf } from '../../stream/file-errors.js';
import { takeProcessLock } from '../process-lock.js';
import { SyncError } from '../sync-error.js';

/**
 * Takes the lock of a source, so that two runs do not import the same images side by side; gives what releases it.
 * Throws SyncError: refused while another run has it, usage where there can be no lock.
 */
export function takeRunLock(file: string, source: string): () => void {
  const release = lockAt(file);
  if (release === undefined) throw new SyncError('refused', `Another image-sync is at work on ${source}`);
  return release;
}

function lockAt(file: string): (() => void) | undefined {
  try {
    return takeProcessLock(file);
  } catch (error) {
    throw new SyncError('usage', `${file}: the lock cannot be taken (${codeOf(error)})`, { cause: error });
  }
}
