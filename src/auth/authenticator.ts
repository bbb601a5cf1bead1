import { RegistryError } from '../domain/errors.js';
import type { Authenticator, Credentials } from '../domain/ports/authenticator.js';
import { fakeIdentity } from './fake.js';
import { type ActorRules, ANONYMOUS, type Identity, toActor } from './identity.js';
import type { IdentitySource } from './identity-source.js';
import { EVERYONE } from './none.js';
import { parseAddresses } from './trusted-addresses.js';
import { trustedIdentity } from './trusted-headers.js';

/** `none`: everyone is an administrator. `fake`: tokens that nobody checks. `trusted`: headers of an authenticating proxy. */
export type AuthenticationKind = 'none' | 'fake' | 'trusted';

export interface AuthenticatorOptions extends ActorRules {
  /** A way that needs nobody else, or one that does. */
  readonly kind: AuthenticationKind | IdentitySource;
  /** Whether a request without an identity may read ([DEFAULT] allow_anonymous_access), else it is refused. */
  readonly allowAnonymous: boolean;
  /** Addresses and networks whose identity headers count ([glimpse] trusted_proxies). */
  readonly trustedProxies: readonly string[];
}

/** The authenticator that a pipeline asks for (image-api-v1 section 5.1). Throws Error for a bad entry in `trustedProxies`. */
export function createAuthenticator(options: AuthenticatorOptions): Authenticator {
  const { kind } = options;
  const source = typeof kind === 'string' ? undefined : kind;
  const close = async (): Promise<void> => source?.close();
  if (kind === 'none') return { authenticate: async () => EVERYONE, close };
  const identify = identifier(options);
  return {
    ...(source && { challenge: source.challenge }),
    async authenticate(credentials) {
      const identity = await identify(credentials);
      if (identity) return toActor(identity, options);
      if (options.allowAnonymous) return ANONYMOUS;
      // No text of its own: clients know a missing identity by the default text of a 401.
      throw new RegistryError('unauthenticated', '');
    },
    close,
  };
}

type Identify = (credentials: Credentials) => Identity | undefined | Promise<Identity | undefined>;

function identifier({ kind, trustedProxies }: AuthenticatorOptions): Identify {
  if (typeof kind !== 'string') return (credentials) => kind.identify(credentials);
  if (kind === 'fake') return fakeIdentity;
  const trusted = parseAddresses(trustedProxies);
  return (credentials) => trustedIdentity(credentials, trusted);
}
