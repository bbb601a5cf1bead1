/** One `name = value` of a file: the value as written, continuation lines joined by newlines. */
export interface IniEntry {
  readonly section: string;
  readonly name: string;
  readonly value: string;
  readonly file: string;
  readonly line: number;
}

export interface IniFile {
  readonly entries: readonly IniEntry[];
  /** Every section header in order of appearance, also of empty sections. */
  readonly sections: readonly string[];
  /** What could not be read, each as `file:line: reason`. */
  readonly problems: readonly string[];
}

/**
 * `oslo` is what oslo.config reads: an indented line continues a value whatever it holds, a blank line ends it, and quotes around a whole value fall away.
 * `python` is what configparser reads (paste and logging files): indented comments and blank lines within a value are skipped, quotes stay.
 */
export type IniDialect = 'oslo' | 'python';

/** Reads an ini file in one of the two dialects. Never throws: mistakes are listed with file and line, and reading goes on after them. */
export function parseIni(text: string, file: string, dialect: IniDialect = 'oslo'): IniFile {
  const entries: IniEntry[] = [];
  const sections: string[] = [];
  const problems: string[] = [];
  let section: string | undefined;
  let open: { name: string; lines: string[]; line: number } | undefined;

  const flush = () => {
    if (open && section !== undefined) {
      entries.push({ section, name: open.name, value: open.lines.join('\n'), file, line: open.line });
    }
    open = undefined;
  };

  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/);
  for (const [index, raw] of lines.entries()) {
    const line = raw.trimEnd();
    const problem = (reason: string) => problems.push(`${file}:${index + 1}: ${reason}`);
    if (line === '') {
      if (dialect === 'oslo') flush();
    } else if (/^[ \t]/.test(line)) {
      const rest = line.trimStart();
      if (dialect === 'python' && isComment(rest)) continue;
      if (open) open.lines.push(rest);
      else problem(`unexpected continuation line: ${quote(rest)}`);
    } else if (!isComment(line)) {
      flush();
      if (line.startsWith('[')) {
        const name = sectionName(line);
        if (name === undefined) problem(`a section header must read [name]: ${quote(line)}`);
        else {
          section = name;
          sections.push(name);
        }
        continue;
      }
      const assignment = splitAssignment(line, dialect);
      if (assignment === undefined) problem(`no "=" or ":" in ${quote(line)}`);
      else if (assignment.name === '') problem(`no option name before "=" in ${quote(line)}`);
      else if (section === undefined) problem(`option ${quote(assignment.name)} stands before the first [section]`);
      else open = { name: assignment.name, lines: [assignment.value], line: index + 1 };
    } else if (dialect === 'oslo') {
      flush();
    }
  }
  flush();
  return { entries, sections, problems };
}

function isComment(line: string): boolean {
  return line.startsWith('#') || line.startsWith(';');
}

function sectionName(line: string): string | undefined {
  const name = line.endsWith(']') ? line.slice(1, -1).trim() : '';
  return name === '' ? undefined : name;
}

function splitAssignment(line: string, dialect: IniDialect): { name: string; value: string } | undefined {
  const at = line.search(/[=:]/);
  if (at < 0) return undefined;
  const value = line.slice(at + 1).trim();
  return { name: line.slice(0, at).trim(), value: dialect === 'oslo' ? unquote(value) : value };
}

/** Takes one pair of equal quotes off a text that begins and ends with them and has none within, so that a list of quoted items stays whole. */
export function unquote(text: string): string {
  const match = /^(["'])((?:(?!\1)[\s\S])*)\1$/.exec(text);
  return match?.[2] ?? text;
}

// A malformed line may hold a password: enough of it to find it, no more.
function quote(text: string): string {
  return JSON.stringify(text.length > 24 ? `${text.slice(0, 24)}...` : text);
}
