import type { Check, Template } from './check.js';

/** A rule that cannot be understood; the message says what is wrong with it, not where it stands. */
export class RuleError extends Error {
  override readonly name = 'RuleError';
}

const OPERATORS = new Set(['and', 'or', 'not', '(', ')']);
const QUOTED = /^(?:'([^']*)'|"([^"]*)")$/;
/** A credential's name; dots reach into groups. */
const NAME = /^[\p{L}_][\p{L}\p{N}_-]*(?:\.[\p{L}\p{N}_-]+)*$/u;
const PYTHON_CONSTANTS = new Set(['True', 'False', 'None']);

/**
 * Parses one rule in oslo.policy's language: a text such as `role:admin or user_id:%(owner)s`, or the older list of lists,
 * which is an "or" of "and"s. Both empty forms allow everyone.
 * Throws RuleError, also for what oslo.policy would silently read as "never", and for what it would stumble over at each request.
 */
export function parseRule(rule: unknown): Check {
  if (typeof rule === 'string') return parseText(rule);
  if (Array.isArray(rule)) return parseList(rule);
  throw new RuleError('must be a text or a list');
}

function parseList(alternatives: readonly unknown[]): Check {
  if (alternatives.length === 0) return { is: 'always' };
  const clauses = alternatives.map((alternative) => (Array.isArray(alternative) ? alternative : [alternative]));
  return {
    is: 'any',
    of: clauses
      .filter((all) => all.length > 0)
      .map((all): Check => ({ is: 'all', of: all.map((item: unknown) => parseListItem(item)) })),
  };
}

function parseListItem(item: unknown): Check {
  if (typeof item !== 'string') throw new RuleError('must be a list of texts and of lists of texts');
  if (/\s/.test(item)) throw new RuleError(`has "${item}" in a list, where each text is one check without white space`);
  return parseCheck(item);
}

function parseText(text: string): Check {
  const tokens = tokenize(text);
  if (text === '') return { is: 'always' };
  if (tokens.length === 0) throw new RuleError('is nothing but white space: write "" for everyone and "!" for no one');
  let at = 0;

  const either = (): Check => {
    const of = [both()];
    while (isOperator('or')) {
      at++;
      of.push(both());
    }
    return of.length === 1 && of[0] ? of[0] : { is: 'any', of };
  };
  const both = (): Check => {
    const of = [single()];
    while (isOperator('and')) {
      at++;
      of.push(single());
    }
    return of.length === 1 && of[0] ? of[0] : { is: 'all', of };
  };
  const single = (): Check => {
    const token = tokens[at];
    if (token === undefined) throw new RuleError('ends where a check is expected');
    at++;
    if (isOperatorToken(token, 'not')) return { is: 'not', of: single() };
    if (isOperatorToken(token, '(')) {
      const inner = either();
      if (!isOperator(')')) throw new RuleError('has a "(" without its ")"');
      at++;
      return inner;
    }
    if (OPERATORS.has(token.toLowerCase())) throw new RuleError(`has "${token}" where a check is expected`);
    return parseCheck(token);
  };
  const isOperator = (operator: string): boolean => isOperatorToken(tokens[at], operator);

  const check = either();
  const rest = tokens[at];
  if (rest !== undefined) throw new RuleError(`has "${rest}" where "and", "or" or the end is expected`);
  return check;
}

function isOperatorToken(token: string | undefined, operator: string): boolean {
  return token?.toLowerCase() === operator;
}

// Parentheses are operators at the ends of a word only: those inside it belong to a template, as in `a:%(b)s`.
function tokenize(text: string): readonly string[] {
  return text
    .split(/\s+/)
    .filter((word) => word !== '')
    .flatMap((word) => {
      const open = /^\(*/.exec(word)?.[0].length ?? 0;
      const inner = word.slice(open);
      const body = inner.replace(/\)+$/, '');
      return [...'('.repeat(open), ...(body === '' ? [] : [body]), ...')'.repeat(inner.length - body.length)];
    });
}

function parseCheck(text: string): Check {
  if (text === '@') return { is: 'always' };
  if (text === '!') return { is: 'never' };
  const colon = text.indexOf(':');
  if (colon < 1) throw new RuleError(`has "${text}", which is no check: kind:value, "@" or "!" is expected`);
  const kind = text.slice(0, colon);
  const value = text.slice(colon + 1);
  if (kind === 'rule') return { is: 'rule', name: value };
  if (kind === 'role') return { is: 'role', role: parseTemplate(value) };
  if (kind === 'http' || kind === 'https') {
    throw new RuleError(
      `has "${text}": ${kind}: checks are not supported, because each request would wait for another server's answer`,
    );
  }
  const literal = parseLiteral(kind);
  const expected = parseTemplate(value);
  if (literal !== undefined) return { is: 'literal', written: kind, value: literal, expected };
  if (!NAME.test(kind)) throw new RuleError(`has "${text}", where "${kind}" is neither a name nor a literal`);
  return { is: 'credential', name: kind, expected };
}

/** The text, as Python's str() writes it, of what its literal_eval() reads; undefined for what is no literal. */
function parseLiteral(kind: string): string | undefined {
  const quoted = QUOTED.exec(kind);
  const text = quoted?.[1] ?? quoted?.[2];
  if (text?.includes('\\')) throw new RuleError(`has ${kind}, where "\\" is not supported`);
  if (text !== undefined) return text;
  if (/['"]/.test(kind)) throw new RuleError(`has ${kind}, whose quotes do not match`);
  if (PYTHON_CONSTANTS.has(kind)) return kind;
  return /^[-+]?[.\d]/.test(kind) ? parseNumber(kind) : undefined;
}

function parseNumber(kind: string): string {
  const [, sign = '', integer, fraction] = /^([-+]?)(?:(0+|[1-9]\d*)|(\d+\.\d*|\.\d+))$/.exec(kind) ?? [];
  if (integer !== undefined) return String(sign === '-' ? -BigInt(integer) : BigInt(integer));
  const value = Number(fraction);
  // Beyond these Python writes exponents.
  if (!(value === 0 || (value >= 1e-4 && value < 1e16))) throw new RuleError(`has ${kind}, which is no number here`);
  return `${sign === '-' ? '-' : ''}${value}${Number.isInteger(value) ? '.0' : ''}`;
}

function parseTemplate(text: string): Template {
  const parts: (string | { field: string })[] = [];
  const rest = text.replace(/%%|%\(((?:[^()]|\([^()]*\))+)\)s|[^%]+/g, (token, field: string | undefined) => {
    parts.push(field !== undefined ? { field } : token === '%%' ? '%' : token);
    return '';
  });
  if (rest !== '') throw new RuleError(`has "${text}", where "%" is followed by neither "(name)s" nor "%"`);
  return parts;
}
