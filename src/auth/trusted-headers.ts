import { RegistryError } from '../domain/errors.js';
import type { Credentials } from '../domain/ports/authenticator.js';
import { type Identity, nameOrNull, splitRoles } from './identity.js';
import type { AddressTest } from './trusted-addresses.js';

/**
 * Identity from the headers that an authenticating proxy sends (`X-Identity-Status: Confirmed`, `X-User-Id`, `X-Tenant-Id`
 * or `X-Project-Id`, `X-Roles`, `X-Service-Roles`), believed from trusted addresses alone: from anywhere else they are what a client made up.
 * Undefined without a confirmed identity. Throws invalid when the service catalog is no JSON.
 */
export function trustedIdentity(credentials: Credentials, trusted: AddressTest): Identity | undefined {
  if (credentials.header('x-identity-status') !== 'Confirmed') return undefined;
  if (!trusted(credentials.remoteAddress)) return undefined;
  checkServiceCatalog(credentials.header('x-service-catalog'));
  return {
    user: nameOrNull(credentials.header('x-user-id')),
    tenant: nameOrNull(credentials.header('x-project-id') ?? credentials.header('x-tenant-id')),
    roles: splitRoles(credentials.header('x-roles')),
    serviceRoles: splitRoles(credentials.header('x-service-roles')),
  };
}

function checkServiceCatalog(catalog: string | undefined): void {
  if (catalog === undefined) return;
  try {
    JSON.parse(catalog);
  } catch (cause) {
    throw new RegistryError('invalid', 'Invalid service catalog json.', { cause });
  }
}
