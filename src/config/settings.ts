import type { Option } from './option.js';
import { TABLE } from './options.js';
import { substitute } from './substitute.js';

/** Where a setting comes from; a later one of this list wins over an earlier one. Among files the later file wins. */
export const ORIGINS = ['built-in', 'file', 'environment', 'command line'] as const;
export type Origin = (typeof ORIGINS)[number];

/** One assignment, wherever it was made. */
export interface Setting {
  readonly section: string;
  readonly name: string;
  readonly value: string;
  readonly origin: Origin;
  /** What an error calls the place: `file:line`, a variable, a flag. */
  readonly where: string;
  /** Order among the files. */
  readonly file?: number;
}

/** Section names compare without regard to case, but DEFAULT is only DEFAULT. */
export function sectionKey(section: string): string {
  return section === 'DEFAULT' ? section : section.toLowerCase();
}

/** All assignments of all sources, answering what holds for one option. */
export class Settings {
  readonly problems: string[] = [];
  readonly #byPlace = new Map<string, Setting[]>();

  constructor(settings: Iterable<Setting>) {
    for (const setting of settings) {
      const place = `${sectionKey(setting.section)}.${setting.name}`;
      const there = this.#byPlace.get(place);
      if (there) there.push(setting);
      else this.#byPlace.set(place, [setting]);
    }
  }

  /** The option's value, or its default when it is not set; a wrong value is noted as a problem and gives the default too. */
  read<T>(section: string, name: string, option: Option<T>): T {
    const settings = this.#find(section, name, option);
    const last = settings.at(-1);
    if (last === undefined) return option.fallback;
    try {
      return option.parse(settings.map((setting) => this.#text(setting, [])));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      const shown = option.secret ? '' : ` = ${JSON.stringify(last.value)}`;
      this.problems.push(`${last.where}: [${last.section}] ${last.name}${shown}: ${reason}`);
      return option.fallback;
    }
  }

  /** The assignments that hold: the last one of the strongest source, or for a repeating option all of that source. */
  #find(section: string, name: string, option?: Option<unknown>): readonly Setting[] {
    const places = [`${section}.${name}`, ...(option?.formerly ?? [])];
    const all = places.flatMap((place) => {
      const dot = place.lastIndexOf('.');
      return this.#byPlace.get(`${sectionKey(place.slice(0, dot))}.${place.slice(dot + 1)}`) ?? [];
    });
    const strongest = Math.max(...all.map((setting) => ORIGINS.indexOf(setting.origin)));
    const strong = all.filter((setting) => ORIGINS.indexOf(setting.origin) === strongest);
    if (option?.repeats) return strong;
    // The newest name comes first in the list, and within one name the last line counts.
    const file = Math.max(...strong.map((setting) => setting.file ?? 0));
    const [first] = strong.filter((setting) => (setting.file ?? 0) === file);
    return strong
      .filter((s) => s.name === first?.name && s.section === first.section && (s.file ?? 0) === file)
      .slice(-1);
  }

  #text(setting: Setting, trail: readonly Setting[]): string {
    if (trail.includes(setting)) throw new Error(`refers to itself through $${setting.name}`);
    return substitute(setting.value, (group, name) => {
      const options = Object.hasOwn(TABLE, group) ? TABLE[group] : undefined;
      const option = options && Object.hasOwn(options, name) ? options[name] : undefined;
      const referred = this.#find(group, name, option).at(-1);
      return referred ? this.#text(referred, [...trail, setting]) : (option?.written ?? (option ? '' : undefined));
    });
  }
}

/** Reads every option of one section. */
export function readSection<V extends object>(
  section: string,
  options: { readonly [N in keyof V]: Option<V[N]> },
  settings: Settings,
): V {
  const values: Partial<V> = {};
  for (const name in options) values[name] = settings.read(section, name, options[name]);
  if (!isComplete(values, options)) throw new Error(`section ${section} was not read whole`);
  return values;
}

function isComplete<V extends object>(values: Partial<V>, options: { readonly [N in keyof V]: unknown }): values is V {
  return Object.keys(options).every((name) => name in values);
}
