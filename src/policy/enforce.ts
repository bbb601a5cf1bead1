import type { Actor } from '../domain/actor.js';
import { RegistryError } from '../domain/errors.js';
import type { Log } from '../domain/ports/log.js';
import type { Policy, PolicyTarget } from '../domain/ports/policy.js';
import { type PolicyCredentials, passes } from './check.js';
import type { RuleBook } from './rule-book.js';
import { WatchedRules } from './watched-rules.js';

export interface PolicyOptions {
  /** Path of the policy file; it need not exist. Left out: the built-in rules alone. */
  readonly file?: string;
  /** Name of the file's rule for everything that it does not name ([oslo_policy] policy_default_rule). */
  readonly defaultRule: string;
  /** The built-in rules. */
  readonly book: RuleBook;
  readonly log: Log;
}

/**
 * The policy of a server: the rules of its file over the built-in ones, re-read as soon as the file changes.
 * Throws PolicyFileError when the file is broken now; one that breaks later leaves the last good rules in force.
 */
export function createPolicy(options: PolicyOptions): Policy {
  const rules = new WatchedRules(options.book, options.file, options.defaultRule, options.log);
  const allows = (actor: Actor, action: string, target: PolicyTarget = {}): boolean => {
    const rule = rules.current();
    const check = rule(action);
    return (
      check !== undefined &&
      passes(check, { credentials: credentialsOf(actor, options.book), target: withAliases(target), rule })
    );
  };
  return {
    allows,
    enforce(actor, action, target) {
      // No text of its own: clients know denials by the default text of a 403.
      if (!allows(actor, action, target)) throw new RegistryError('forbidden', '');
    },
  };
}

/** Who is an administrator is a member, and who is a member is a reader: Keystone's tokens say so, other identities may not. */
function withImplied(roles: readonly string[]): readonly string[] {
  const admin = roles.includes('admin') ? ['member', 'reader'] : [];
  const member = roles.includes('member') ? ['reader'] : [];
  return [...new Set([...roles, ...admin, ...member])];
}

function credentialsOf(actor: Actor, book: RuleBook): PolicyCredentials {
  return {
    user: actor.user,
    user_id: actor.user,
    tenant: actor.tenant,
    tenant_id: actor.tenant,
    project_id: actor.tenant,
    roles: book.impliesRoles ? withImplied(actor.roles) : actor.roles,
    is_admin: actor.isAdmin,
    read_only: actor.readOnly,
  };
}

// Rules name the owner in several ways. The field of the image wins, lest a custom property called project_id open a door.
function withAliases(target: PolicyTarget): PolicyTarget {
  const { owner, id } = target;
  return {
    ...target,
    ...(owner === undefined ? {} : { project_id: owner, tenant: owner }),
    ...(id === undefined ? {} : { image_id: id }),
  };
}
