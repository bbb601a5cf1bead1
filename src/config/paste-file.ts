import { dirname, resolve } from 'node:path';
import { readConfigFile } from './find-files.js';
import { parseIni } from './ini.js';

export interface PasteSection {
  /** `filter`, `app`, `composite`, `pipeline`, `filter-app`. */
  readonly kind: string;
  readonly name: string;
  /** Own options, `%(name)s` filled in. */
  readonly options: ReadonlyMap<string, string>;
  /** The file's defaults, with this section's `set` lines on top: what a factory gets as global configuration. */
  readonly globals: ReadonlyMap<string, string>;
  readonly file: PasteFile;
  readonly where: string;
}

/** One file of PasteDeploy sections. */
export class PasteFile {
  readonly #sections = new Map<string, PasteSection>();

  /** Reads the file; what is wrong with it is added to `problems`. Throws ConfigError when it cannot be read. */
  constructor(
    readonly path: string,
    problems: string[],
  ) {
    const { entries, sections, problems: found } = parseIni(readConfigFile(path), path, 'python');
    problems.push(...found);
    const globals = new Map([
      ['here', dirname(path)],
      ['__file__', path],
    ]);
    const own = (section: string) => entries.filter((entry) => entry.section === section);
    for (const { name, value } of own('DEFAULT')) globals.set(name, fill(value, globals));
    for (const title of new Set(sections)) {
      const colon = title.indexOf(':');
      if (colon < 0) continue;
      const options = new Map<string, string>();
      const set = new Map(globals);
      const lines = own(title);
      const scope = new Map([...globals, ...lines.map(({ name, value }) => [name, value] as const)]);
      for (const { name, value } of lines) {
        const override = /^set\s+(\S+)$/.exec(name)?.[1];
        if (override !== undefined) set.set(override, fill(value, scope));
        else options.set(name, fill(value, scope));
      }
      const kind = title.slice(0, colon).trim();
      const name = title.slice(colon + 1).trim();
      const where = `${path}:${lines[0]?.line ?? 1}`;
      this.#sections.set(`${kind}:${name}`, { kind, name, options, globals: set, file: this, where });
    }
  }

  /** The section of this name and one of these kinds. */
  find(name: string, ...kinds: readonly string[]): PasteSection | undefined {
    return kinds.map((kind) => this.#sections.get(`${kind}:${name}`)).find((section) => section !== undefined);
  }

  get names(): readonly string[] {
    return [...this.#sections.keys()];
  }

  /** The file that `config:other.ini` names, from this one's folder. */
  sibling(name: string, problems: string[]): PasteFile {
    return new PasteFile(resolve(dirname(this.path), name), problems);
  }
}

/** Fills in `%(name)s`, a few levels deep; unknown names stay as they are, and `%%` is a percent sign. */
function fill(value: string, scope: ReadonlyMap<string, string>, depth = 5): string {
  return value.trim().replace(/%%|%\(([^)]+)\)s/g, (whole: string, name?: string) => {
    if (name === undefined) return '%';
    const found = scope.get(name);
    return found === undefined ? whole : depth > 0 ? fill(found, scope, depth - 1) : found;
  });
}
