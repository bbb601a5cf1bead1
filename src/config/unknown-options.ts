import { nearest } from '../domain/nearest.js';
import { isCorsSection } from './cors.js';
import { KNOWN_OPTIONS, PUBLISH_SET_OPTIONS, STORE_OPTIONS, TABLE } from './options.js';
import { type Setting, sectionKey } from './settings.js';

/** Sections that the configuration itself names, by what they hold options of. */
export interface DynamicSections {
  readonly stores: readonly string[];
  readonly publishSets: readonly string[];
}

/** One warning for each assignment in a file that no one reads, with the nearest name that someone does. */
export function unknownOptions(settings: readonly Setting[], dynamic: DynamicSections): string[] {
  const known = knownPlaces(dynamic);
  const warnings: string[] = [];
  const strangers = new Set<string>();
  for (const { section, name, where } of settings) {
    const key = sectionKey(section);
    // One file may hold the pipelines too (`[pipeline:glance-api]`), as in the first releases.
    if (strangers.has(key) || /^(pipeline|filter|app|composite|filter-app):/.test(key)) continue;
    const names = known.get(isCorsSection(key) ? 'cors' : key);
    if (names === undefined) {
      strangers.add(key);
      warnings.push(`${where}: unknown section [${section}]${hint(nearest(key, known.keys()), '[', ']')}`);
    } else if (!names.has(name) && !names.has('*')) {
      const elsewhere = [...known].find(([, others]) => others.has(name))?.[0];
      const better = elsewhere === undefined ? nearest(name, names) : `${name} in [${elsewhere}]`;
      warnings.push(`${where}: unknown option [${section}] ${name}${hint(better)}`);
    }
  }
  return warnings;
}

function hint(name: string | undefined, before = '', after = ''): string {
  return name === undefined ? '' : `; did you mean ${before}${name}${after}?`;
}

function knownPlaces({ stores, publishSets }: DynamicSections): Map<string, Set<string>> {
  const known = new Map<string, Set<string>>();
  const add = (section: string, names: Iterable<string>) => {
    const key = sectionKey(section);
    known.set(key, new Set([...(known.get(key) ?? []), ...names]));
  };
  for (const [section, options] of Object.entries(TABLE)) {
    add(section, Object.keys(options));
    for (const option of Object.values(options)) {
      for (const place of option.formerly ?? []) {
        const dot = place.lastIndexOf('.');
        add(place.slice(0, dot), [place.slice(dot + 1)]);
      }
    }
  }
  for (const [section, names] of Object.entries(KNOWN_OPTIONS)) add(section, names);
  for (const section of stores) add(section, [...Object.keys(STORE_OPTIONS), ...(KNOWN_OPTIONS.glance_store ?? [])]);
  for (const section of publishSets) add(section, Object.keys(PUBLISH_SET_OPTIONS));
  return known;
}
