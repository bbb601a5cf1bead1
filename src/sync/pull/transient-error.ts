import { SyncError } from '../sync-error.js';

/** Something that may go well the next time: a broken connection, a busy server. */
export class TransientError extends SyncError {
  constructor(
    message: string,
    options?: ErrorOptions,
    /** What the server asks to wait, in milliseconds. */
    readonly retryAfterMs?: number,
  ) {
    super('unreachable', message, options);
  }
}
