import { readFileSync, statSync } from 'node:fs';
import type { Log } from '../domain/ports/log.js';
import { MAX_POLICY_FILE_BYTES, PolicyFileError, parsePolicyFile } from './policy-file.js';
import type { RuleBook } from './rule-book.js';
import { type RuleLookup, ruleLookup } from './rules.js';

/** What tells one version of the file from the next. */
interface Stamp {
  readonly text: string;
  /** Whether a later write could still fall into the same tick of the file system's clock. */
  readonly fresh: boolean;
}

const CLOCK_TICK_MS = 50;

/** The rules in force, kept in step with a file that may come, change and break at any time. */
export class WatchedRules {
  readonly #book: RuleBook;
  readonly #file: string | undefined;
  readonly #defaultRule: string;
  readonly #log: Log;
  #stamp: Stamp | undefined;
  #text: string | undefined;
  #rules: RuleLookup;
  /** Whether the file was looked at in this turn of the event loop: a page of images asks for each of them. */
  #looked = false;

  /** Throws PolicyFileError when the file is there and broken. */
  constructor(book: RuleBook, file: string | undefined, defaultRule: string, log: Log) {
    this.#book = book;
    this.#file = file;
    this.#defaultRule = defaultRule;
    this.#log = log;
    this.#rules = ruleLookup(book, new Map(), defaultRule);
    if (file === undefined) return;
    this.#stamp = stampOf(file);
    if (this.#stamp) this.#read(file);
  }

  /** Looks at the file first. Never throws: what cannot be read is logged once, and the last good rules stay. */
  current(): RuleLookup {
    if (this.#file === undefined || this.#looked) return this.#rules;
    this.#looked = true;
    setImmediate(() => {
      this.#looked = false;
    });
    const stamp = stampOf(this.#file);
    if (stamp?.text === this.#stamp?.text && !this.#stamp?.fresh) return this.#rules;
    const before = this.#stamp;
    this.#stamp = stamp;
    if (stamp === undefined) {
      if (before) this.#log.error(`policy file ${this.#file} is gone: the last rules stay in force`);
      return this.#rules;
    }
    try {
      this.#read(this.#file);
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      this.#log.error(`${problem}; the last good rules stay in force`);
    }
    return this.#rules;
  }

  #read(file: string): void {
    const text = readText(file);
    // The same text again is no news; and an empty one, after rules, is a file that someone is about to write.
    if (text === this.#text || (text === '' && this.#text !== undefined)) return;
    this.#text = text;
    this.#rules = ruleLookup(this.#book, parsePolicyFile(this.#book, text, file, this.#defaultRule), this.#defaultRule);
  }
}

function stampOf(file: string): Stamp | undefined {
  try {
    const stat = statSync(file, { bigint: true, throwIfNoEntry: false });
    if (stat === undefined) return undefined;
    return {
      text: [stat.dev, stat.ino, stat.size, stat.mtimeNs, stat.ctimeNs].join(' '),
      fresh: Date.now() - Number(stat.ctimeMs) < CLOCK_TICK_MS,
    };
  } catch (error) {
    // Not absent but out of reach: reading it will say why, once.
    return { text: String(error), fresh: false };
  }
}

function readText(file: string): string {
  try {
    const bytes = statSync(file).size;
    if (bytes <= MAX_POLICY_FILE_BYTES) return readFileSync(file, 'utf8');
    throw new Error(`its ${bytes} bytes are more than the ${MAX_POLICY_FILE_BYTES} allowed`);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new PolicyFileError(`policy file ${file} cannot be read: ${reason}`, { cause });
  }
}
