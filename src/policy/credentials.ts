import type { Actor } from '../domain/actor.js';
import type { PolicyCredentials } from './check.js';

/** What rules may know of an actor. `impliesRoles`: whether admin is member is reader. */
export function readCredentials(actor: Actor, impliesRoles: boolean): PolicyCredentials {
  return {
    user: actor.user,
    user_id: actor.user,
    tenant: actor.tenant,
    tenant_id: actor.tenant,
    project_id: actor.tenant,
    roles: impliesRoles ? withImplied(actor.roles) : actor.roles,
    service_roles: actor.serviceRoles ?? [],
    is_admin: actor.isAdmin,
    read_only: actor.readOnly,
  };
}

const NOBODY: Actor = { user: null, tenant: null, owner: null, roles: [], isAdmin: false, readOnly: true };

/** The names that are known of everybody. */
export const CREDENTIAL_NAMES: readonly string[] = Object.keys(readCredentials(NOBODY, false));

/** Who is an administrator is a member, and who is a member is a reader: Keystone's tokens say so, other identities may not. */
function withImplied(roles: readonly string[]): readonly string[] {
  const admin = roles.includes('admin') ? ['member', 'reader'] : [];
  const member = roles.includes('member') ? ['reader'] : [];
  return [...new Set([...roles, ...admin, ...member])];
}
