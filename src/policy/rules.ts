import { type Check, references } from './check.js';
import type { PlacedRule, RuleBook } from './rule-book.js';

/** Finds the rule behind a name; undefined when nothing decides, which means no. */
export type RuleLookup = (name: string) => PlacedRule | undefined;

/**
 * The rules in force, given those of the policy files. A name that the files do not hold falls to their rule called
 * `defaultRule` where the book lets that decide, else to the built-in rule of that name, else to either `default`.
 */
export function ruleLookup(book: RuleBook, file: ReadonlyMap<string, PlacedRule>, defaultRule: string): RuleLookup {
  const fallback = file.get(defaultRule);
  return (name) => {
    const named = file.get(name);
    if (named) return named;
    const builtIn = book.rules.get(name);
    const covered = book.fileDefaultDecides && fallback !== undefined && !book.reserved.has(name);
    if (builtIn && !covered) return builtIn;
    return fallback ?? book.rules.get('default');
  };
}

/** The first chain of rules that comes back to its start, e.g. `['a', 'b', 'a']`; undefined when there is none. */
export function findCycle(names: Iterable<string>, lookup: RuleLookup): readonly string[] | undefined {
  const sound = new Set<Check>();
  const walk = (name: string, path: readonly { name: string; check: Check }[]): readonly string[] | undefined => {
    const check = lookup(name)?.check;
    if (check === undefined || sound.has(check)) return undefined;
    const start = path.findIndex((step) => step.check === check);
    if (start >= 0) return [...path.slice(start).map((step) => step.name), name];
    for (const reference of references(check)) {
      const cycle = walk(reference, [...path, { name, check }]);
      if (cycle) return cycle;
    }
    sound.add(check);
    return undefined;
  };
  for (const name of names) {
    const cycle = walk(name, []);
    if (cycle) return cycle;
  }
  return undefined;
}
