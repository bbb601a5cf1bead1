import { SyncError } from '../sync-error.js';
import { shown } from './shown.js';

/** Reads the time of `updated`; undefined where there is none. Throws SyncError invalid for what is no time. */
export function readUpdated(text: string | undefined): Date | undefined {
  if (text === undefined || text === '') return undefined;
  const time = new Date(text);
  if (!Number.isNaN(time.getTime())) return time;
  throw new SyncError('invalid', `updated: ${shown(text)} is no time`);
}

/** `Tue, 24 Feb 2015 14:14:24 +0000`, as RFC 2822 has it. */
export function writeUpdated(time: Date): string {
  return time.toUTCString().replace('GMT', '+0000');
}
