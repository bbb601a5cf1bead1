import SQLite from 'better-sqlite3';
import { codeOf } from '../../stream/file-errors.js';
import { SyncError } from '../sync-error.js';

/**
 * Takes the lock of a source, so that two runs do not import the same images side by side; gives what releases it. It is that of SQLite on an empty file:
 * the system gives it back when its process dies, however it dies. Throws SyncError refused while another run has it.
 */
export function takeRunLock(file: string, source: string): () => void {
  const database = new SQLite(file, { timeout: 0 });
  try {
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if (!codeOf(error).startsWith('SQLITE_BUSY')) throw error;
    throw new SyncError('refused', `Another image-sync is at work on ${source}`, { cause: error });
  }
  return () => {
    if (database.open) database.close();
  };
}
