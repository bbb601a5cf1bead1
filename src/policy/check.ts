import type { PolicyLookup, PolicyTarget } from '../domain/ports/policy.js';

/** What a rule may know about who asks, under oslo.policy's names. */
export type PolicyCredentials = Readonly<Record<string, string | boolean | null | readonly string[]>>;

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
  | { readonly is: 'literal'; readonly value: string; readonly expected: Template }
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
      return role !== undefined && texts(context.credentials.roles).some((own) => own.toLowerCase() === role);
    }
    case 'literal':
      return fill(check.expected, context.target) === check.value;
    case 'credential': {
      const expected = fill(check.expected, context.target);
      return expected !== undefined && texts(own(context.credentials, check.name)).includes(expected);
    }
  }
}

/** Names of the rules that the check refers to directly. */
export function references(check: Check): readonly string[] {
  switch (check.is) {
    case 'all':
    case 'any':
      return check.of.flatMap(references);
    case 'not':
      return references(check.of);
    case 'rule':
      return [check.name];
    default:
      return [];
  }
}

function fill(template: Template, target: PolicyLookup): string | undefined {
  let text = '';
  for (const part of template) {
    const value = typeof part === 'string' ? part : target(part.field);
    if (value === undefined) return undefined;
    text += asText(value);
  }
  return text;
}

function texts(value: PolicyCredentials[string] | undefined): readonly string[] {
  if (value === undefined) return [];
  return typeof value === 'object' && value !== null ? value : [asText(value)];
}

// Field names come from rules and custom properties: `constructor` must not find what every object inherits.
function own<T>(record: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}

// Rules are written against Python's str(): True, False and None.
function asText(value: string | number | boolean | null): string {
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  return String(value);
}
