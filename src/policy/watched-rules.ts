import type { Log } from '../domain/ports/log.js';
import { PolicyFileError, parsePolicyFile } from './policy-file.js';
import type { PolicySources } from './policy-sources.js';
import { policyWarnings } from './policy-warnings.js';
import type { PlacedRule, RuleBook } from './rule-book.js';
import { findCycle, type RuleLookup, ruleLookup } from './rules.js';

export interface WatchedRulesOptions {
  /** The built-in rules of each API that goes by these files. */
  readonly books: readonly RuleBook[];
  readonly sources: PolicySources;
  /** Name of the files' rule for everything that they do not name. */
  readonly defaultRule: string;
  /** Rules that something beside the APIs asks for by name, such as property protections. */
  readonly used?: readonly string[];
  readonly log: Log;
}

/** The rules in force, kept in step with files that may come, change, break and go at any time. */
export class WatchedRules {
  readonly #options: WatchedRulesOptions;
  readonly #none: RuleLookup = () => undefined;
  #stamp: string;
  #fresh: boolean;
  #texts: ReadonlyMap<string, string> = new Map();
  #written: ReadonlyMap<string, PlacedRule> = new Map();
  #lookups: ReadonlyMap<RuleBook, RuleLookup> = new Map();
  /** Whether the files were looked at in this turn of the event loop: a page of images asks for each of them. */
  #looked = false;

  /** Throws PolicyFileError when a file is there and broken. */
  constructor(options: WatchedRulesOptions) {
    this.#options = options;
    const { text, fresh } = options.sources.stamp();
    this.#stamp = text;
    this.#fresh = fresh;
    this.#use(new Map());
    this.#read();
  }

  /** The rules of one API. Looks at the files first. Never throws: what cannot be read is logged once, and the last good rules stay. */
  current(book: RuleBook): RuleLookup {
    this.#look();
    return this.#lookups.get(book) ?? this.#none;
  }

  /** The rules that files hold, by name. */
  get written(): ReadonlyMap<string, PlacedRule> {
    return this.#written;
  }

  #look(): void {
    if (this.#looked) return;
    this.#looked = true;
    setImmediate(() => {
      this.#looked = false;
    });
    const { text, fresh } = this.#options.sources.stamp();
    if (text === this.#stamp && !this.#fresh) return;
    const changed = text !== this.#stamp;
    this.#stamp = text;
    this.#fresh = fresh;
    const { log } = this.#options;
    try {
      const gone = this.#read();
      if (changed) for (const path of gone) log.error(`policy file ${path} is gone: its last rules stay in force`);
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      if (changed) log.error(`${problem}; the last good rules stay in force`);
    }
  }

  /** Throws PolicyFileError. Answers which places are gone. */
  #read(): readonly string[] {
    const { sources, books, defaultRule, log, used } = this.#options;
    const { texts, gone } = sources.read();
    if (sameTexts(texts, this.#texts)) return gone;
    const written = new Map([...texts].flatMap(([path, text]) => [...parsePolicyFile(text, path)]));
    for (const book of books) {
      const cycle = findCycle(written.keys(), ruleLookup(book, written, defaultRule));
      const at = written.get(cycle?.[0] ?? '')?.place;
      if (cycle)
        throw new PolicyFileError(
          `policy file ${at?.file ?? ''}: rule "${cycle[0]}" refers to itself: ${cycle.join(' -> ')}`,
        );
    }
    this.#texts = texts;
    sources.accept(texts);
    this.#use(written);
    for (const warning of policyWarnings({ books, written, defaultRule, used })) log.warning(warning);
    return gone;
  }

  #use(written: ReadonlyMap<string, PlacedRule>): void {
    const { books, defaultRule } = this.#options;
    this.#written = written;
    this.#lookups = new Map(books.map((book) => [book, ruleLookup(book, written, defaultRule)]));
  }
}

function sameTexts(a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): boolean {
  return JSON.stringify([...a]) === JSON.stringify([...b]);
}
