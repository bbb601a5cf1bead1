import { type Check, type CheckContext, credentialTexts, fill, passes, type Template } from './check.js';
import type { PlacedRule } from './rule-book.js';
import { ruleText, templateText } from './rule-text.js';

export interface ExplainContext extends CheckContext {
  /** Where a rule stands, for its line. */
  placed(name: string): PlacedRule | undefined;
}

/**
 * Why a check passes or not, as indented lines: each check that was looked at, `yes` or `no`, and what it compared.
 * What an `and` or an `or` did not have to look at any more is left out.
 */
export function explain(check: Check, context: ExplainContext, depth = 0): readonly string[] {
  const verdict = passes(check, context);
  const line = `${'  '.repeat(depth)}${verdict ? 'yes' : 'no '} ${ruleText(check)}${remark(check, context)}`;
  return [line, ...decisive(check, context, verdict).flatMap((part) => explain(part, context, depth + 1))];
}

/** Where a rule was written, in words. */
export function placeText({ name, place }: PlacedRule, asked = name): string {
  const where = place === undefined ? 'built in' : `${place.file}:${place.line}`;
  return name === asked ? where : `${where}, rule "${name}"`;
}

function decisive(check: Check, context: ExplainContext, verdict: boolean): readonly Check[] {
  switch (check.is) {
    case 'all':
    case 'any': {
      const last = check.of.findIndex((part) => passes(part, context) === (check.is === 'any'));
      return last < 0
        ? check.of
        : check.is === 'any' && verdict
          ? check.of.slice(last, last + 1)
          : check.of.slice(0, last + 1);
    }
    case 'not':
      return [check.of];
    case 'rule': {
      const rule = context.rule(check.name);
      return rule === undefined ? [] : [rule];
    }
    default:
      return [];
  }
}

function remark(check: Check, context: ExplainContext): string {
  switch (check.is) {
    case 'rule': {
      const rule = context.placed(check.name);
      return `   (${rule === undefined ? 'there is no such rule' : placeText(rule, check.name)})`;
    }
    case 'role':
      return `   (roles: ${shown(credentialTexts(context.credentials, 'roles'))}${fields(check.role, context)})`;
    case 'credential':
      return `   (${check.name}: ${shown(credentialTexts(context.credentials, check.name))}${fields(check.expected, context)})`;
    case 'literal': {
      const found = fields(check.expected, context).replace(/^; /, '');
      return found === '' ? '' : `   (${found})`;
    }
    default:
      return '';
  }
}

function shown(values: readonly string[]): string {
  return values.length === 0 ? 'none' : values.join(', ');
}

function fields(template: Template, { target }: CheckContext): string {
  return template
    .filter((part) => typeof part !== 'string')
    .map((part) => `; ${templateText([part])}: ${fill([part], target) ?? 'not there'}`)
    .join('');
}
