import type { Actor } from '../domain/actor.js';
import type { Policy } from '../domain/ports/policy.js';
import type { PropertyProtections, PropertyRight } from '../domain/ports/property-protections.js';
import { pythonRegExp, RegExpError } from './python-regexp.js';

/** One section of a protection file, as written. */
export interface ProtectionSection {
  /** A regular expression in Python's language, searched for in names of properties. */
  readonly expression: string;
  /** For each right `@` (everyone), `!` or nothing (no one), role names with commas between, or the name of one policy rule. */
  readonly grants: Readonly<Record<PropertyRight, string>>;
}

/** `property_protection_rule_format`: what the values are made of. */
export type ProtectionFormat = 'roles' | 'policies';

/** A section that cannot be used; the message names it. */
export class PropertyProtectionError extends Error {
  override readonly name = 'PropertyProtectionError';
}

type Grant = 'everyone' | 'no one' | { readonly roles: readonly string[] } | { readonly policy: string };

interface Rule {
  readonly matches: RegExp;
  readonly grants: Readonly<Record<PropertyRight, Grant>>;
}

/** Characters of the longest name that the registry keeps; expressions are not let loose on longer ones. */
const LONGEST_NAME = 255;

/** What the server writes for itself: no rule may shut it out, so none is asked (image-api-v2 section 3.1). */
const SERVERS_OWN = 'os_glance';

/** Sections that decide about properties, read once and used with the policy of each API. */
export class ProtectionRules {
  private constructor(private readonly rules: readonly Rule[]) {}

  /**
   * Takes the sections in the order of the file; the first whose expression is found in a name decides about it
   * (image-api-v2 section 4.4). Throws PropertyProtectionError.
   */
  static from(sections: readonly ProtectionSection[], format: ProtectionFormat): ProtectionRules {
    const own = sections.filter(({ expression }) => !expression.startsWith(SERVERS_OWN));
    return new ProtectionRules(own.map((section) => ruleOf(section, format)));
  }

  /** Names of the policy rules that the sections ask for. */
  get policies(): readonly string[] {
    const grants = this.rules.flatMap((rule) => Object.values(rule.grants));
    return grants.flatMap((grant) => (typeof grant === 'object' && 'policy' in grant ? [grant.policy] : []));
  }

  /** A property that no section matches is nobody's. Roles of a service that asks for somebody count as well. */
  with(policy: Policy): PropertyProtections {
    return {
      may: (actor, property, right) => {
        if (property.startsWith(SERVERS_OWN)) return true;
        const grant = this.ruleFor(property)?.grants[right];
        return grant !== undefined && grants(grant, actor, policy);
      },
      standsFor: (one, other) => {
        const [own, others] = [this.ruleFor(one)?.grants, this.ruleFor(other)?.grants];
        if (own === undefined || others === undefined) return own === undefined;
        return isWithin(own.create, others.create) && isWithin(own.update, others.update);
      },
    };
  }

  private ruleFor(property: string): Rule | undefined {
    return property.length > LONGEST_NAME ? undefined : this.rules.find(({ matches }) => matches.test(property));
  }
}

function grants(grant: Grant, actor: Actor, policy: Policy): boolean {
  if (grant === 'everyone' || grant === 'no one') return grant === 'everyone';
  const roles = [...actor.roles, ...(actor.serviceRoles ?? [])];
  if ('roles' in grant) return grant.roles.some((role) => roles.includes(role));
  return policy.allows({ ...actor, roles }, grant.policy);
}

/** Whether all to whom the one grants something are granted it by the other; of two policy rules nobody knows. */
function isWithin(one: Grant, other: Grant): boolean {
  if (one === 'no one' || other === 'everyone') return true;
  if (typeof one === 'string' || typeof other === 'string') return false;
  if ('policy' in one) return 'policy' in other && one.policy === other.policy;
  return 'roles' in other && one.roles.every((role) => other.roles.includes(role));
}

function ruleOf({ expression, grants: texts }: ProtectionSection, format: ProtectionFormat): Rule {
  const grantOf = (right: PropertyRight): Grant => {
    const text = texts[right];
    const parts = text.split(',').map((part) => part.trim());
    const fail = (problem: string) =>
      new PropertyProtectionError(`[${expression}] ${right} = ${JSON.stringify(text)}: ${problem}`);
    if (parts.includes('@') && parts.includes('!')) throw fail("'@' and '!' exclude each other");
    if (format === 'policies' && parts.length > 1)
      throw fail('must name one policy rule; combine rules in the policy file');
    if (parts.includes('!')) return 'no one';
    if (parts.includes('@')) return 'everyone';
    const names = parts.filter((part) => part !== '');
    if (names[0] === undefined) return 'no one';
    return format === 'policies' ? { policy: names[0] } : { roles: names.map((name) => name.toLowerCase()) };
  };
  return {
    matches: expressionOf(expression),
    grants: { create: grantOf('create'), read: grantOf('read'), update: grantOf('update'), delete: grantOf('delete') },
  };
}

function expressionOf(expression: string): RegExp {
  try {
    return pythonRegExp(expression);
  } catch (error) {
    if (!(error instanceof RegExpError)) throw error;
    throw new PropertyProtectionError(`[${expression}]: the expression ${error.message}`, { cause: error });
  }
}
