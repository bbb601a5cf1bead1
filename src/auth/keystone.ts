import { createHash } from 'node:crypto';
import { RegistryError } from '../domain/errors.js';
import type { Credentials } from '../domain/ports/authenticator.js';
import type { Log } from '../domain/ports/log.js';
import type { Identity } from './identity.js';
import type { IdentitySource } from './identity-source.js';
import { KeystoneClient, type KeystoneOptions } from './keystone-client.js';
import { TokenCache } from './token-cache.js';
import type { TokenFacts } from './token-facts.js';

export interface KeystoneIdentityOptions extends KeystoneOptions {
  /** URL that clients without a good token are told. */
  readonly publicUrl: string;
  /** Whether requests without a good token go on without an identity, else they are refused. */
  readonly delayDecision: boolean;
  /** Milliseconds that a good token is not asked about again; 0 asks every time. */
  readonly cacheMs: number;
  readonly serviceRoles: readonly string[];
  readonly serviceRolesRequired: boolean;
  readonly log: Log;
}

/** Good tokens that one process remembers, some 5 MB of them, and as many bad ones. */
const REMEMBERED = 10_000;
/** A token that one Keystone of several does not know yet may be good a moment later. */
const REFUSED_MS = 30_000;
/** Bytes of a token that is worth a question; Fernet and JWS tokens have some hundred, PKI had thousands. */
const TOKEN = /^[\x21-\x7e]{1,16384}$/;

/**
 * Identities behind the tokens of Keystone, as keystonemiddleware finds them (image-api-v2 section 4.3): `X-Auth-Token`, and beside it
 * the `X-Service-Token` of a service that asks in the user's name. No other header counts. Only a token of a project opens anything:
 * those of a domain or of the system are forbidden (section 4.1), one of nothing has no project and no roles, and reads what is public.
 */
export function createKeystone(options: KeystoneIdentityOptions): IdentitySource {
  const { cacheMs, delayDecision, log, now = Date.now } = options;
  const client = new KeystoneClient(options);
  const cache = new TokenCache<TokenFacts>({
    // One that has expired already is a service's to use, for the sake of whom its own token stands.
    goodUntil: ({ expiresAt }, begun) => (expiresAt > begun ? Math.min(begun + cacheMs, expiresAt) : begun + cacheMs),
    badMs: Math.min(cacheMs, REFUSED_MS),
    most: REMEMBERED,
    now,
  });
  const outage = reportOutages(log);

  async function factsOf(text: string, allowExpired: boolean): Promise<TokenFacts | undefined> {
    const token = text.trim();
    if (!TOKEN.test(token)) return undefined;
    const key = createHash('sha256').update(token).digest('base64') + (allowExpired ? '+' : '');
    return cache.get(key, async () => {
      const facts = await outage(client.validate(token, allowExpired));
      return facts === undefined || allowExpired || facts.expiresAt > now() ? facts : undefined;
    });
  }

  async function serviceOf(token: string): Promise<Service> {
    const facts = await factsOf(token, false);
    if (facts === undefined) return { valid: false, roles: [], mayExpire: false };
    const known = facts.roles.some((role) => options.serviceRoles.includes(role));
    const valid = known || !options.serviceRolesRequired;
    return { valid, roles: valid ? facts.roles : [], mayExpire: known };
  }

  async function identify(credentials: Credentials): Promise<Identity | undefined> {
    const token = credentials.header('x-auth-token') ?? credentials.header('x-storage-token');
    if (!token) return undefined;
    const serviceToken = credentials.header('x-service-token');
    const service = serviceToken ? await serviceOf(serviceToken) : NO_SERVICE;
    const facts = await factsOf(token, service.mayExpire);
    if (facts === undefined || (!service.valid && !delayDecision)) return undefined;
    if (facts.scope === 'domain' || facts.scope === 'system') {
      throw new RegistryError('forbidden', 'This service takes tokens of a project, not of a domain or of the system.');
    }
    const { user, project: tenant, roles, scope } = facts;
    return { user, tenant, roles, serviceRoles: service.roles, ...(scope !== 'project' && { unscoped: true }) };
  }

  return {
    challenge: `Keystone uri="${options.publicUrl}"`,
    async identify(credentials) {
      const identity = await identify(credentials);
      if (identity === undefined && !delayDecision) {
        throw new RegistryError('unauthenticated', 'The request you have made requires authentication.');
      }
      return identity;
    },
    close: () => client.close(),
  };
}

interface Service {
  readonly valid: boolean;
  readonly roles: readonly string[];
  /** Whether the user's token may have expired on the way: a long transfer outlives it. */
  readonly mayExpire: boolean;
}

const NO_SERVICE: Service = { valid: true, roles: [], mayExpire: false };

/** Says once that Keystone is out, and once that it is back, however many requests suffer. */
function reportOutages(log: Log): <T>(validation: Promise<T>) => Promise<T> {
  let out = false;
  return async (validation) => {
    try {
      const result = await validation;
      if (out) log.info('Keystone validates tokens again');
      out = false;
      return result;
    } catch (error) {
      if (!out) log.error('tokens cannot be validated; those validated before go on working', { error });
      out = true;
      throw error;
    }
  };
}
