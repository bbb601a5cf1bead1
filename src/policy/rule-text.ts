import type { Check, Template } from './check.js';

/** A check in oslo.policy's language; parsing the text gives the same check again. */
export function ruleText(check: Check): string {
  switch (check.is) {
    case 'always':
      return '@';
    case 'never':
      return '!';
    case 'all':
    case 'any':
      return combined(check.of, check.is === 'all' ? ' and ' : ' or ');
    case 'not':
      return `not ${operand(check.of)}`;
    case 'rule':
      return `rule:${check.name}`;
    case 'role':
      return `role:${templateText(check.role)}`;
    case 'literal':
      return `${check.written}:${templateText(check.expected)}`;
    case 'credential':
      return `${check.name}:${templateText(check.expected)}`;
  }
}

export function templateText(template: Template): string {
  return template.map((part) => (typeof part === 'string' ? part.replaceAll('%', '%%') : `%(${part.field})s`)).join('');
}

// No alternative at all is what an older list such as [[]] says: no one.
function combined(parts: readonly Check[], operator: string): string {
  const [only, ...others] = parts;
  if (only === undefined) return '!';
  return others.length === 0 ? ruleText(only) : parts.map(operand).join(operator);
}

function operand(check: Check): string {
  const text = ruleText(check);
  return (check.is === 'all' || check.is === 'any') && check.of.length > 1 ? `(${text})` : text;
}
