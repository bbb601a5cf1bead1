import type { PropertyRight } from '../domain/ports/property-protections.js';
import { ConfigError } from './config-error.js';
import { type IniEntry, parseIni } from './ini.js';

type Grants = Readonly<Record<PropertyRight, string>>;

const RIGHTS = ['create', 'read', 'update', 'delete'] as const;

/**
 * The sections of a property protection file (`property_protection_file`) in their order, each with what it grants for the
 * four rights; `[DEFAULT]` gives what a section leaves out, as in every file of Python's dialect. `file` is its name for messages.
 * Throws ConfigError with all mistakes: what cannot be read, an unknown or repeated key, a repeated section, a right left out.
 */
export function parsePropertyProtections(
  text: string,
  file: string,
): readonly { readonly expression: string; readonly grants: Grants }[] {
  const { entries, sections, problems } = parseIni(text, file, 'python');
  const mistakes = [...problems, ...keyMistakes(entries), ...repeated(sections, file)];
  const defaults = keysOf(entries, 'DEFAULT');
  const protections = [...new Set(sections)]
    .filter((section) => section !== 'DEFAULT')
    .map((expression) => {
      const given = { ...defaults, ...keysOf(entries, expression) };
      const missing = RIGHTS.filter((right) => given[right] === undefined);
      if (missing.length > 0) mistakes.push(`${file}: section [${expression}] has no ${missing.join(', ')}`);
      const { create = '', read = '', update = '', delete: remove = '' } = given;
      return { expression, grants: { create, read, update, delete: remove } };
    });
  if (mistakes.length > 0) throw new ConfigError(mistakes);
  return protections;
}

function rightOf(entry: IniEntry): PropertyRight | undefined {
  return RIGHTS.find((right) => right === entry.name.toLowerCase());
}

function keysOf(entries: readonly IniEntry[], section: string): Partial<Grants> {
  const grants: Partial<Record<PropertyRight, string>> = {};
  for (const entry of entries) {
    const right = rightOf(entry);
    if (entry.section === section && right !== undefined) grants[right] = entry.value.trim();
  }
  return grants;
}

function keyMistakes(entries: readonly IniEntry[]): string[] {
  const seen = new Set<string>();
  return entries.flatMap((entry) => {
    const { section, name, file, line } = entry;
    const right = rightOf(entry);
    const mistake = (problem: string) => [`${file}:${line}: section [${section}] ${problem}`];
    if (right === undefined) return mistake(`has an unknown key "${name}"; the keys are ${RIGHTS.join(', ')}`);
    const place = `${right} ${section}`;
    if (seen.has(place)) return mistake(`has the key "${right}" twice`);
    seen.add(place);
    return [];
  });
}

function repeated(sections: readonly string[], file: string): string[] {
  const twice = sections.filter((section, index) => sections.indexOf(section) < index);
  return [...new Set(twice)].map((section) => `${file}: section [${section}] is there twice`);
}
