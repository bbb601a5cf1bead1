import type { Check } from './check.js';
import { parseRule } from './language.js';

/** A rule under its name, with the place that it was written at; built in where there is none. */
export interface PlacedRule {
  readonly name: string;
  readonly check: Check;
  readonly place?: { readonly file: string; readonly line: number };
}

/** The built-in rules of one API, and how a policy file overrides them. */
export interface RuleBook {
  readonly rules: ReadonlyMap<string, PlacedRule>;
  /** Rules that a file changes only by naming them, whatever its `default` rule says. */
  readonly reserved: ReadonlySet<string>;
  /** Whether a file's `default` rule decides what the file does not name (v1), or the built-in rule of that name does (v2). */
  readonly fileDefaultDecides: boolean;
  /** Whether admin is member is reader. v1's rules know no such order. */
  readonly impliesRoles: boolean;
}

/** Rules from their texts. */
export function parseRules(texts: Readonly<Record<string, string>>): ReadonlyMap<string, PlacedRule> {
  return new Map(Object.entries(texts).map(([name, rule]) => [name, { name, check: parseRule(rule) }]));
}
