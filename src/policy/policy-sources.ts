import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { MAX_POLICY_FILE_BYTES, PolicyFileError } from './policy-file.js';

/** What tells one state of the files from the next. */
export interface Stamp {
  readonly text: string;
  /** Whether a later write could still fall into the same tick of the file system's clock. */
  readonly fresh: boolean;
}

const CLOCK_TICK_MS = 50;

/** The places of policy rules: one file, and folders whose files come after it, each folder's in the order of their names. None of them need exist. */
export class PolicySources {
  /** The text of each file as it was read last. */
  #texts: ReadonlyMap<string, string> = new Map();
  #listings = new Map<string, { readonly stamp: Stamp; readonly files: readonly string[] }>();

  readonly file: string | undefined;
  readonly folders: readonly string[];

  constructor(file: string | undefined, folders: readonly string[]) {
    this.file = file === undefined ? undefined : resolve(file);
    this.folders = folders.map((folder) => resolve(folder));
  }

  /** The state of all of them now. Never throws: what is out of reach is a state of its own. */
  stamp(): Stamp {
    const folders = this.folders.map((folder) => {
      const stamp = stampOf(folder);
      const known = this.#listings.get(folder);
      const files = known && known.stamp.text === stamp.text && !known.stamp.fresh ? known.files : listNow(folder);
      this.#listings.set(folder, { stamp, files });
      return { stamp, files };
    });
    const files = [...(this.file === undefined ? [] : [this.file]), ...folders.flatMap((folder) => folder.files)];
    const stamps = [...folders.map((folder) => folder.stamp), ...files.map(stampOf)];
    return {
      text: [...files, ...stamps.map((stamp) => stamp.text)].join('\n'),
      fresh: stamps.some((stamp) => stamp.fresh),
    };
  }

  /**
   * The texts in the order of their precedence, the weakest first. The file, or a folder, that was there and is gone counts as it was and is
   * named in `gone`; so does a file that is empty now, which somebody is about to write. Throws PolicyFileError.
   */
  read(): { readonly texts: ReadonlyMap<string, string>; readonly gone: readonly string[] } {
    const texts = new Map<string, string>();
    const gone: string[] = [];
    const take = (path: string): void => {
      const text = readText(path);
      if (text !== undefined) texts.set(path, text === '' ? (this.#texts.get(path) ?? '') : text);
    };
    const keep = (path: string, kept: readonly string[]): void => {
      if (kept.length > 0) gone.push(path);
      for (const one of kept) texts.set(one, this.#texts.get(one) ?? '');
    };
    const known = [...this.#texts.keys()];
    if (this.file !== undefined) {
      const { file } = this;
      take(file);
      if (!texts.has(file))
        keep(
          file,
          known.filter((path) => path === file),
        );
    }
    for (const folder of this.folders) {
      const files = list(folder);
      if (files === undefined)
        keep(
          folder,
          known.filter((path) => dirname(path) === folder && path !== this.file),
        );
      else for (const path of files) take(path);
    }
    return { texts, gone };
  }

  /** Notes that these texts are in force. */
  accept(texts: ReadonlyMap<string, string>): void {
    this.#texts = texts;
  }
}

/**
 * The files of a folder by name, undefined where there is no such folder; hidden ones and the copies that editors leave do not count, nor do
 * folders inside. Throws PolicyFileError.
 */
function list(folder: string): readonly string[] | undefined {
  try {
    return readdirSync(folder)
      .filter((name) => !/^\.|~$/.test(name))
      .sort()
      .map((name) => join(folder, name))
      .filter((path) => !statSync(path, { throwIfNoEntry: false })?.isDirectory());
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    if (code === 'ENOENT') return undefined;
    throw new PolicyFileError(`policy folder ${folder} cannot be read: ${String(code ?? cause)}`, { cause });
  }
}

function listNow(folder: string): readonly string[] {
  try {
    return list(folder) ?? [];
  } catch {
    // Reading will say why, once.
    return [];
  }
}

function stampOf(path: string): Stamp {
  try {
    const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
    if (stat === undefined) return { text: '', fresh: false };
    return {
      text: [stat.dev, stat.ino, stat.size, stat.mtimeNs, stat.ctimeNs].join(' '),
      fresh: Date.now() - Number(stat.ctimeMs) < CLOCK_TICK_MS,
    };
  } catch (error) {
    // Not absent but out of reach: reading it will say why, once.
    return { text: String(error), fresh: false };
  }
}

function readText(file: string): string | undefined {
  try {
    const stat = statSync(file, { throwIfNoEntry: false });
    if (stat === undefined) return undefined;
    if (stat.size <= MAX_POLICY_FILE_BYTES) return readFileSync(file, 'utf8');
    throw new Error(`its ${stat.size} bytes are more than the ${MAX_POLICY_FILE_BYTES} allowed`);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new PolicyFileError(`policy file ${file} cannot be read: ${reason}`, { cause });
  }
}
