import { isMap, isScalar, LineCounter, parseDocument } from 'yaml';
import { parseRule, RuleError } from './language.js';
import type { PlacedRule } from './rule-book.js';

/** A policy file that cannot be used; the message names the file, the line and the rule. */
export class PolicyFileError extends Error {
  override readonly name = 'PolicyFileError';
}

/** Bytes; the largest real files have a few dozen KiB. */
export const MAX_POLICY_FILE_BYTES = 1024 * 1024;

/**
 * Parses the text of a policy file, YAML or JSON (which YAML contains): a mapping from names to rules.
 * `file` is its name for messages. Throws PolicyFileError.
 */
export function parsePolicyFile(text: string, file: string): ReadonlyMap<string, PlacedRule> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: false, prettyErrors: false });
  const fail = (offset: number | undefined, problem: string): never => {
    const line = offset === undefined ? '' : `:${lines.linePos(offset).line}`;
    throw new PolicyFileError(`policy file ${file}${line}: ${problem}`);
  };
  const syntax = document.errors[0];
  if (syntax) fail(syntax.pos[0], syntax.message);

  const plain: unknown = document.toJS({ mapAsMap: true });
  const rules = new Map<string, PlacedRule>();
  const { contents } = document;
  if (plain === null) return rules;
  if (!isMap(contents) || !(plain instanceof Map))
    return fail(contents?.range?.[0], 'must hold a mapping from names to rules');
  for (const { key, value } of contents.items) {
    const at = isScalar(key) ? key.range?.[0] : undefined;
    if (!isScalar(key) || typeof key.value !== 'string') return fail(at, 'the name of a rule must be a text');
    const name = key.value;
    if (rules.has(name)) fail(at, `rule "${name}" is there twice`);
    // YAML reads a bare `!` as an empty text with a tag, which would allow everyone where no one was meant.
    if (isScalar(value) && (value.tag !== undefined || value.value === null)) {
      fail(at, `rule "${name}" has no value: write "" for everyone and "!", in quotes, for no one`);
    }
    try {
      const line = lines.linePos(at ?? 0).line;
      rules.set(name, { name, check: parseRule(plain.get(name)), place: { file, line } });
    } catch (error) {
      if (!(error instanceof RuleError)) throw error;
      fail(at, `rule "${name}" ${error.message}`);
    }
  }
  return rules;
}
