import type { Expiring } from '../../src/net/sessions.js';

/** The right to use one account, for a time. */
export interface Session extends Expiring {
  readonly token: string;
  /** URL of the account, without a slash at its end. */
  readonly storageUrl: string;
}
