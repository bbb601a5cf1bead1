import { RegistryError } from '../domain/errors.js';
import type { Credentials } from '../domain/ports/authenticator.js';
import { type Identity, nameOrNull, splitRoles } from './identity.js';

/**
 * Identity from an `X-Auth-Token: user:tenant:role[,role]` that nobody checks, for tests; the tenant `none` is no tenant.
 * Undefined without a token. Throws unauthenticated for a token of another form.
 */
export function fakeIdentity(credentials: Credentials): Identity | undefined {
  const token = credentials.header('x-auth-token');
  if (token === undefined || token === '') return undefined;
  // python-glanceclient escapes the colons.
  const [user, tenant, roles, ...rest] = token.replace(/%3a/gi, ':').split(':');
  if (roles === undefined || rest.length > 0) throw new RegistryError('unauthenticated', '');
  return {
    user: nameOrNull(user),
    tenant: tenant?.toLowerCase() === 'none' ? null : nameOrNull(tenant),
    roles: splitRoles(roles),
  };
}
