import type { ExecutionContext } from 'ava';
import { SyncError, type SyncErrorKind } from '../../../src/sync/sync-error.js';

/** Fails unless the work throws a SyncError of this kind whose message matches. */
export function refusal(t: ExecutionContext, work: () => unknown, kind: SyncErrorKind, message: RegExp): void {
  const error = t.throws(work, { instanceOf: SyncError });
  t.is(error?.kind, kind);
  t.regex(error?.message ?? '', message);
}
