import type { Actor } from '../actor.js';

/** The parts of a request that say who asks. Header names in lower case. */
export interface Credentials {
  header(name: string): string | undefined;
  /** Address of the peer on the socket. */
  readonly remoteAddress: string;
}

/** Finds out who asks. */
export interface Authenticator {
  /** Throws unauthenticated, forbidden, identity-unavailable. */
  authenticate(credentials: Credentials): Promise<Actor>;
  /** What an answer 401 tells the client of the credentials that it should bring (`WWW-Authenticate`). */
  readonly challenge?: string;
  close(): Promise<void>;
}
