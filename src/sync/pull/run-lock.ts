import SQLite from 'better-sqlite3';
import { codeOf } from '../../stream/file-errors.js';
import { SyncError } from '../sync-error.js';

/**
 * Takes the lock of a source, so that two runs do not import the same images side by side; gives what releases it. It is that of SQLite on an empty file:
 * the system gives it back when its process dies, however it dies. Throws SyncError: refused while another run has it, usage where there can be no lock.
 */
export function takeRunLock(file: string, source: string): () => void {
  let database: SQLite.Database | undefined;
  try {
    database = new SQLite(file, { timeout: 0 });
    // Nothing is ever written, so a full disk is no reason not to lock it.
    database.pragma('journal_mode = MEMORY');
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database?.close();
    if (codeOf(error).startsWith('SQLITE_BUSY')) {
      throw new SyncError('refused', `Another image-sync is at work on ${source}`, { cause: error });
    }
    throw new SyncError('usage', `${file}: the lock cannot be taken (${codeOf(error)})`, { cause: error });
  }
  const taken = database;
  return () => {
    if (taken.open) taken.close();
  };
}
