import type { Actor } from '../domain/actor.js';

/**
 * Everyone, where no authentication is configured (pipelines with `unauthenticated-context`): an administrator without
 * a tenant. The roles let the built-in policies, which ask for roles, grant everything too.
 */
export const EVERYONE: Actor = {
  user: null,
  tenant: null,
  owner: null,
  roles: ['admin', 'member', 'reader'],
  isAdmin: true,
  readOnly: false,
};
