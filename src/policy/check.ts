import type { PolicyLookup, PolicyTarget } from '../domain/ports/policy.js';

/** What is known about who asks, under oslo.policy's names: plain values, lists of them, and groups of them that a dot reaches into. */
export type PolicyCredentials = { readonly [name: string]: CredentialValue };
export type CredentialValue = string | boolean | null | readonly CredentialValue[] | PolicyCredentials;

/** One `%(...)s` template: plain texts and the names of target fields between them. */
export type Template = readonly (string | { readonly field: string })[];

/** A parsed rule. */
export type Check =
  | { readonly is: 'always' }
  | { readonly is: 'never' }
  | { readonly is: 'all' | 'any'; readonly of: readonly Check[] }
  | { readonly is: 'not'; readonly of: Check }
  | { readonly is: 'rule'; readonly name: string }
  | { readonly is: 'role'; readonly role: Template }
  /** `written` is the literal as the rule has it, `value` the text that it stands for. */
  | { readonly is: 'literal'; readonly written: string; readonly value: string; readonly expected: Template }
  | { readonly is: 'credential'; readonly name: string; readonly expected: Template };

/** What one decision looks at. `rule` finds a rule by name; undefined when there is none. */
export interface CheckContext {
  readonly credentials: PolicyCredentials;
  readonly target: PolicyLookup;
  rule(name: string): Check | undefined;
}

/** Fields of a target, whichever form it has. */
export function asLookup(target: PolicyTarget): PolicyLookup {
  return typeof target === 'function' ? target : (field) => (Object.hasOwn(target, field) ? target[field] : undefined);
}

/** Whether the check passes. A field or rule that does not exist fails its check, as in oslo.policy. */
export function passes(check: Check, context: CheckContext): boolean {
  switch (check.is) {
    case 'always':
      return true;
    case 'never':
      return false;
    case 'all':
      return check.of.every((part) => passes(part, context));
    case 'any':
      return check.of.some((part) => passes(part, context));
    case 'not':
      return !passes(check.of, context);
    case 'rule': {
      const rule = context.rule(check.name);
      return rule !== undefined && passes(rule, context);
    }
    case 'role': {
      const role = fill(check.role, context.target)?.toLowerCase();
      return (
        role !== undefined && credentialTexts(context.credentials, 'roles').some((own) => own.toLowerCase() === role)
      );
    }
    case 'literal':
      return fill(check.expected, context.target) === check.value;
    case 'credential': {
      const expected = fill(check.expected, context.target);
      return expected !== undefined && credentialTexts(context.credentials, check.name).includes(expected);
    }
  }
}

/** The single checks that a check is made of; rules that it refers to are not looked into. */
export function leaves(check: Check): readonly Check[] {
  switch (check.is) {
    case 'all':
    case 'any':
      return check.of.flatMap(leaves);
    case 'not':
      return leaves(check.of);
    default:
      return [check];
  }
}

/** Names of the rules that the check refers to directly. */
export function references(check: Check): readonly string[] {
  return leaves(check).flatMap((leaf) => (leaf.is === 'rule' ? [leaf.name] : []));
}

/** The text of a template for this target; undefined when the target lacks one of its fields. */
export function fill(template: Template, target: PolicyLookup): string | undefined {
  let text = '';
  for (const part of template) {
    const value = typeof part === 'string' ? part : target(part.field);
    if (value === undefined) return undefined;
    text += asText(value);
  }
  return text;
}

/** The values behind a name such as `roles` or `token.project.id`, as texts; a list on the way stands for each of its items. */
export function credentialTexts(credentials: PolicyCredentials, name: string): readonly string[] {
  return name
    .split('.')
    .reduce<readonly CredentialValue[]>((values, key) => values.flatMap((value) => inside(value, key)), [credentials])
    .flatMap((value) => (isGroup(value) ? [] : [asText(value)]));
}

function inside(value: CredentialValue, key: string): readonly CredentialValue[] {
  // Names come from rules: `constructor` must not find what every object inherits.
  const found = isGroup(value) && Object.hasOwn(value, key) ? value[key] : undefined;
  if (found === undefined) return [];
  return isList(found) ? found : [found];
}

function isList(value: CredentialValue): value is readonly CredentialValue[] {
  return Array.isArray(value);
}

function isGroup(value: CredentialValue): value is PolicyCredentials {
  return typeof value === 'object' && value !== null && !isList(value);
}

// Rules are written against Python's str(): True, False and None.
function asText(value: CredentialValue | number): string {
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  return String(value);
}
