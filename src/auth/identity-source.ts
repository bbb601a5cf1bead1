import type { Credentials } from '../domain/ports/authenticator.js';
import type { Identity } from './identity.js';

/** A way of authentication that asks somebody. */
export interface IdentitySource {
  /** Who asks; undefined without credentials. Throws unauthenticated, forbidden, identity-unavailable. */
  identify(credentials: Credentials): Promise<Identity | undefined>;
  /** The `WWW-Authenticate` of an answer 401. */
  readonly challenge: string;
  close(): Promise<void>;
}
