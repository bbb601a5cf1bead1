import type { Actor } from '../actor.js';

/** The parts of a request that say who asks. Header names in lower case. */
export interface Credentials {
  header(name: string): string | undefined;
  /** Address of the peer on the socket. */
  readonly remoteAddress: string;
}

/** Finds out who asks. Throws unauthenticated. */
export interface Authenticator {
  authenticate(credentials: Credentials): Promise<Actor>;
}
