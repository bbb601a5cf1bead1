import type { Actor } from '../domain/actor.js';
import { RegistryError } from '../domain/errors.js';
import type { Log } from '../domain/ports/log.js';
import type { Policy, PolicyLookup, PolicyTarget } from '../domain/ports/policy.js';
import { asLookup, type PolicyCredentials, passes } from './check.js';
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
  const known = new WeakMap<Actor, PolicyCredentials>();
  const credentialsOf = (actor: Actor): PolicyCredentials => {
    const credentials = known.get(actor) ?? readCredentials(actor, options.book);
    known.set(actor, credentials);
    return credentials;
  };
  const allows = (actor: Actor, action: string, target: PolicyTarget = {}): boolean => {
    const rule = rules.current();
    const check = rule(action);
    return check !== undefined && passes(check, { credentials: credentialsOf(actor), target: lookupIn(target), rule });
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

function readCredentials(actor: Actor, book: RuleBook): PolicyCredentials {
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

/** The values that rules name the owner and the image by. The field of the image wins, lest a custom property called project_id open a door. */
const ALIASES: Readonly<Record<string, string>> = { project_id: 'owner', tenant: 'owner', image_id: 'id' };

function lookupIn(target: PolicyTarget): PolicyLookup {
  const own = asLookup(target);
  return (field) => {
    const alias = Object.hasOwn(ALIASES, field) ? ALIASES[field] : undefined;
    return (alias === undefined ? undefined : own(alias)) ?? own(field);
  };
}
