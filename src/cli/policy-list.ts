import type { Config } from '../config/load.js';
import { placeText } from '../policy/explain.js';
import type { PlacedRule, RuleBook } from '../policy/rule-book.js';
import { ruleText } from '../policy/rule-text.js';
import type { WatchedRules } from '../policy/watched-rules.js';

/** The rules in force under a configuration. */
export interface PolicyView {
  readonly config: Config;
  readonly warnings: readonly string[];
  readonly rules: WatchedRules;
  /** Rules that property protections ask for. */
  readonly used: readonly string[];
  readonly books: readonly { readonly api: 'v1' | 'v2'; readonly book: RuleBook }[];
}

/** The names that a book's API, or a rule of a file, may ask for. */
export function ruleNames({ rules, used }: PolicyView, book: RuleBook): readonly string[] {
  return [...new Set([...book.rules.keys(), ...rules.written.keys(), ...used])].sort();
}

/** All rules, as lines of a policy file with the place of each as a comment. */
export function listPolicies(view: PolicyView): string {
  const sections = view.books.map(({ api, book }) => {
    const lookup = view.rules.current(book);
    const lines = ruleNames(view, book).map((name) => lineOf(name, lookup(name)));
    return `# API ${api}\n${lines.join('\n')}\n`;
  });
  return sections.join('\n');
}

function lineOf(name: string, rule: PlacedRule | undefined): string {
  const text = rule === undefined ? '!' : ruleText(rule.check);
  const place = rule === undefined ? 'no rule' : placeText(rule, name);
  return `${JSON.stringify(name)}: ${JSON.stringify(text)}  # ${place}`;
}
