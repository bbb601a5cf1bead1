import type { Actor } from '../domain/actor.js';
import { RegistryError } from '../domain/errors.js';
import type { Log } from '../domain/ports/log.js';
import type { Policy, PolicyLookup, PolicyTarget } from '../domain/ports/policy.js';
import { asLookup, type PolicyCredentials, passes } from './check.js';
import { readCredentials } from './credentials.js';
import { PolicySources } from './policy-sources.js';
import type { RuleBook } from './rule-book.js';
import { WatchedRules } from './watched-rules.js';

export interface PolicyOptions {
  /** Path of the policy file; it need not exist. Left out: the built-in rules alone. */
  readonly file?: string;
  /** Paths of folders with further policy files, which win over the file; they need not exist. */
  readonly folders?: readonly string[];
  /** Name of the files' rule for everything that they do not name ([oslo_policy] policy_default_rule). */
  readonly defaultRule: string;
  /** Rules that something beside the APIs asks for by name. */
  readonly used?: readonly string[];
  readonly log: Log;
}

/** The rules of the files over the built-in ones of these books. Throws PolicyFileError when a file is broken now. */
export function watchRules(
  { file, folders = [], ...options }: PolicyOptions,
  books: readonly RuleBook[],
): WatchedRules {
  return new WatchedRules({ ...options, books, sources: new PolicySources(file, folders) });
}

/**
 * The policy of one API: the rules of its files over the built-in ones, re-read as soon as a file changes.
 * Throws PolicyFileError when a file is broken now; one that breaks later leaves the last good rules in force.
 */
export function createPolicy(options: PolicyOptions & { readonly book: RuleBook }): Policy {
  return policyOf(watchRules(options, [options.book]), options.book);
}

/**
 * What rules can grant to those without an identity. The older rules grant everything to everybody, and never meant them.
 * The members of what they see are none: API v1 says so, instead of refusing the question.
 */
const ANONYMOUS_MAY: ReadonlySet<string> = new Set(['get_images', 'get_image', 'download_image', 'get_members']);

/** The policy of one of the books that these rules were opened for. */
export function policyOf(rules: WatchedRules, book: RuleBook): Policy {
  const known = new WeakMap<Actor, PolicyCredentials>();
  const credentialsOf = (actor: Actor): PolicyCredentials => {
    const credentials = known.get(actor) ?? readCredentials(actor, book.impliesRoles);
    known.set(actor, credentials);
    return credentials;
  };
  const allows = (actor: Actor, action: string, target: PolicyTarget = {}): boolean => {
    if (actor.readOnly && !ANONYMOUS_MAY.has(action)) return false;
    const lookup = rules.current(book);
    const rule = (name: string) => lookup(name)?.check;
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

/** The values that rules name the owner and the image by. The field of the image wins, lest a custom property called project_id open a door. */
const ALIASES: Readonly<Record<string, string>> = { project_id: 'owner', tenant: 'owner', image_id: 'id' };

/** A target with those names. */
export function lookupIn(target: PolicyTarget): PolicyLookup {
  const own = asLookup(target);
  return (field) => {
    const alias = Object.hasOwn(ALIASES, field) ? ALIASES[field] : undefined;
    return (alias === undefined ? undefined : own(alias)) ?? own(field);
  };
}
