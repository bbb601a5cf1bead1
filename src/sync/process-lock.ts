import SQLite from 'better-sqlite3';
import { codeOf } from '../stream/file-errors.js';

/**
 * Takes a lock that the system gives back when its process dies, however it dies: nothing has to be taken over, and no process number can be mistaken
 * for another. It is that of SQLite on an empty file, which holds within one process too. Gives what releases it; undefined while somebody else
 * has it. Throws the error of the system where there can be no such file.
 */
export function takeProcessLock(file: string): (() => void) | undefined {
  const database = new SQLite(file, { timeout: 0 });
  try {
    // Nothing is ever written, so a full disk is no reason not to lock it.
    database.pragma('journal_mode = MEMORY');
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if (codeOf(error).startsWith('SQLITE_BUSY')) return undefined;
    throw error;
  }
  return () => {
    if (database.open) database.close();
  };
}
