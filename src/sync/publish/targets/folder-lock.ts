import SQLite from 'better-sqlite3';
import { RegistryError } from '../../../domain/errors.js';
import { codeOf } from '../../../stream/file-errors.js';

/**
 * Takes a lock that the system gives back when its process dies, however it dies: nothing has to be taken over, and no process number can be mistaken
 * for another. It is that of SQLite on an empty file, which holds within one process too. Throws busy while another publisher has it.
 */
export function takeLock(file: string, name: string): () => void {
  const database = new SQLite(file, { timeout: 0 });
  try {
    // Nothing is ever written, so a full disk is no reason not to lock it.
    database.pragma('journal_mode = MEMORY');
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if (!codeOf(error).startsWith('SQLITE_BUSY')) throw error;
    throw new RegistryError('busy', `Another publisher is at work in ${name}.`, { cause: error });
  }
  return () => {
    if (database.open) database.close();
  };
}
