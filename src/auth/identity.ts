import type { Actor } from '../domain/actor.js';
import type { Policy } from '../domain/ports/policy.js';

/** Who asks, as one way of authentication tells it, before roles and ownership are judged. */
export interface Identity {
  readonly user: string | null;
  readonly tenant: string | null;
  readonly roles: readonly string[];
  /** Of the service that asks in this one's name. */
  readonly serviceRoles?: readonly string[];
  /** By a token that is for no project, domain or system. */
  readonly unscoped?: true;
}

/** How an identity becomes an actor. */
export interface ActorRules {
  /** The role that makes an administrator, whatever its case ([DEFAULT] admin_role). */
  readonly adminRole: string;
  /** Whether new images belong to the tenant, else to the user ([DEFAULT] owner_is_tenant). */
  readonly ownerIsTenant: boolean;
  readonly policy: Policy;
}

/** Anonymous access: no name, no role, nothing to write (image-api-v1 section 5.1). */
export const ANONYMOUS: Actor = {
  user: null,
  tenant: null,
  owner: null,
  roles: [],
  isAdmin: false,
  readOnly: true,
};

/** The actor behind an identity: an administrator by the admin role or by the policy `context_is_admin`. */
export function toActor(identity: Identity, rules: ActorRules): Actor {
  const roles = roleNames(identity.roles);
  const serviceRoles = roleNames(identity.serviceRoles ?? []);
  const actor: Actor = {
    user: identity.user,
    tenant: identity.tenant,
    owner: rules.ownerIsTenant ? identity.tenant : identity.user,
    roles,
    ...(serviceRoles.length > 0 ? { serviceRoles } : {}),
    isAdmin: roles.includes(rules.adminRole.trim().toLowerCase()),
    readOnly: false,
    ...(identity.unscoped && { unscoped: true }),
  };
  return actor.isAdmin || !rules.policy.allows(actor, 'context_is_admin') ? actor : { ...actor, isAdmin: true };
}

function roleNames(roles: readonly string[]): readonly string[] {
  return roles.map((role) => role.trim().toLowerCase()).filter((role) => role !== '');
}

/** Comma-separated role names, as both fake tokens and identity headers carry them. */
export function splitRoles(text: string | undefined): readonly string[] {
  return text === undefined ? [] : text.split(',');
}

/** An empty name is no name. */
export function nameOrNull(text: string | undefined): string | null {
  return text === undefined || text === '' ? null : text;
}
