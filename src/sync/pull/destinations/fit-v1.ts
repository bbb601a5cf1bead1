import type { Draft, FittedDraft } from '../destination.js';

/** Characters that the name of a header may have (RFC 9110 section 5.6.2). */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const CONTROL = /\p{Cc}/u;

/**
 * A draft as API v1 keeps it: everything is a header there, so that names of properties lose upper case and hyphens and cannot have every
 * character, values lose blanks at their ends and cannot have line breaks; and there are no tags.
 */
export function fitForV1(draft: Draft): FittedDraft {
  const warnings: string[] = [];
  const properties = new Map<string, string>();
  for (const [name, value] of draft.properties) {
    const text = trimmed(value);
    const kept = name.toLowerCase().replaceAll('-', '_');
    const taken = properties.has(kept) || (kept !== name && draft.properties.has(kept));
    const why = obstacle(name, text) ?? (taken ? `its name would be that of ${JSON.stringify(kept)}` : undefined);
    if (why !== undefined) {
      warnings.push(`API v1 cannot keep property ${JSON.stringify(name)}, which is left out: ${why}.`);
      continue;
    }
    if (kept !== name) warnings.push(`API v1 keeps property ${JSON.stringify(name)} as ${JSON.stringify(kept)}.`);
    if (text !== value) warnings.push(`API v1 drops the blanks around the value of property ${JSON.stringify(name)}.`);
    properties.set(kept, text);
  }
  const name = trimmed(draft.name.replace(/\p{Cc}+/gu, ' '));
  if (name !== draft.name)
    warnings.push(`API v1 keeps the name ${JSON.stringify(draft.name)} as ${JSON.stringify(name)}.`);
  if (draft.tags.length > 0)
    warnings.push(`API v1 has no tags: ${draft.tags.map((tag) => JSON.stringify(tag)).join(', ')} left out.`);
  const { hidden, ...rest } = draft;
  if (hidden) warnings.push('API v1 hides no images: this one is in every list.');
  return { draft: { ...rest, name, properties, tags: [] }, warnings };
}

/** Why a property cannot be a header; undefined when it can. */
function obstacle(name: string, value: string): string | undefined {
  if (!TOKEN.test(name)) return 'no header can have its name';
  return CONTROL.test(value) ? 'its value has a line break or another control character' : undefined;
}

/**
 * A header's value loses blanks and tabs at its ends; API v1 takes no other white space for such. A regular expression would take seconds for
 * a value of blanks with one letter behind them.
 */
function trimmed(text: string): string {
  const isBlank = (at: number): boolean => text[at] === ' ' || text[at] === '\t';
  let start = 0;
  let end = text.length;
  while (start < end && isBlank(start)) start += 1;
  while (start < end && isBlank(end - 1)) end -= 1;
  return text.slice(start, end);
}
