/**
 * Why publishing or mirroring failed:
 * - `usage`: the command line or the configuration makes no sense
 * - `invalid`: a file is not what its format says
 * - `mismatch`: bytes have not the size or the hash that was announced
 * - `signature`: a signature is missing, wrong, expired or of a key that is not trusted
 * - `unreachable`: a server or a file could not be read
 * - `refused`: it could be done and would be dangerous: a path that climbs, a foreign origin, a redirect loop
 * - `destination`: the registry that images go to said no
 */
export type SyncErrorKind = 'usage' | 'invalid' | 'mismatch' | 'signature' | 'unreachable' | 'refused' | 'destination';

/** The one family of expected errors of publishing and mirroring. Its message is shown to people: no secret, no credential in it. */
export class SyncError extends Error {
  override readonly name = 'SyncError';
  constructor(
    readonly kind: SyncErrorKind,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** True for a SyncError of one of these kinds (of any, when none is named). */
export function isSyncError(error: unknown, ...kinds: SyncErrorKind[]): error is SyncError {
  return error instanceof SyncError && (kinds.length === 0 || kinds.includes(error.kind));
}

/** Does something and puts where it was done before the message of a SyncError: `<where>: <message>`. */
export function at<T>(where: string | (() => string), work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!isSyncError(error)) throw error;
    const place = typeof where === 'string' ? where : where();
    throw new SyncError(error.kind, `${place}: ${error.message}`, { cause: error.cause });
  }
}
