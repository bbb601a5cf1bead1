import { SyncError } from '../sync-error.js';
import { shown } from './shown.js';

const LONGEST = 255;

/** Throws SyncError invalid for a name that no image should have: of more than one line, with control characters, blank, or too long. */
export function assertImageName(name: string): void {
  if (/[\p{Cc}\p{Zl}\p{Zp}]/u.test(name)) {
    throw new SyncError('invalid', `the name ${shown(name)} has control characters`);
  }
  if (name.length > LONGEST) throw new SyncError('invalid', `the name is longer than ${LONGEST} characters`);
  if (name.trim() === '') throw new SyncError('invalid', 'the name is empty');
}
