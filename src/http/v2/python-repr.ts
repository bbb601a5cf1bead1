/** Characters of a value that an error message quotes; longer ones are cut, so that no body comes back multiplied. */
const LONGEST = 4096;
/** Levels of a nested value that are worth showing. */
const DEEPEST = 8;

const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };

function quote(text: string): string {
  const mark = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escaped = text.replace(/[\\\p{C}]/gu, (character) => {
    const code = character.codePointAt(0) ?? 0;
    if (ESCAPES[character] !== undefined) return ESCAPES[character];
    if (code <= 0xff) return `\\x${code.toString(16).padStart(2, '0')}`;
    return code <= 0xffff ? `\\u${code.toString(16).padStart(4, '0')}` : `\\U${code.toString(16).padStart(8, '0')}`;
  });
  return mark + (mark === "'" ? escaped.replaceAll("'", "\\'") : escaped) + mark;
}

function number(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  if (Object.is(value, -0)) return '-0.0';
  const text = value !== 0 && Math.abs(value) < 1e-4 ? value.toExponential() : String(value);
  return text.replace(/e([+-])(\d)$/, 'e$10$2');
}

type Entries = (value: object) => [string, unknown][];

function sorted(value: object): [string, unknown][] {
  const entries: [string, unknown][] = Object.entries(value);
  return Array.isArray(value) ? entries : entries.sort(([a], [b]) => (a < b ? -1 : 1));
}

function whole(value: unknown, depth: number, entries: Entries): string {
  if (typeof value === 'string') return quote(value.length > LONGEST ? value.slice(0, LONGEST).toWellFormed() : value);
  if (typeof value === 'number') return number(value);
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value !== 'object' || value === null) return 'None';
  const [open, close] = Array.isArray(value) ? '[]' : '{}';
  if (depth === DEEPEST) return `${open}...${close}`;
  let content = '';
  for (const [key, item] of entries(value)) {
    if (content !== '') content += ', ';
    if (content.length > LONGEST) return `${open}${content}...${close}`;
    content += Array.isArray(value)
      ? whole(item, depth + 1, entries)
      : `${quote(key)}: ${whole(item, depth + 1, entries)}`;
  }
  return open + content + close;
}

/** A JSON value as Python writes it: the form in which clients know the values in Glance's errors. Cut beyond some thousand characters. */
export function pythonRepr(value: unknown): string {
  return whole(value, 0, Object.entries);
}

/** The same with sorted keys, over several lines where it is longer than `width`: as Python's pprint lays values out. */
export function pythonPretty(value: unknown, width = 72, indent = 0, after = 0): string {
  const line = whole(value, 0, sorted);
  if (line.length <= width - indent - after || typeof value !== 'object' || value === null) return line;
  const entries = sorted(value);
  const [open, close] = Array.isArray(value) ? '[]' : '{}';
  const items = entries.map(([key, item], index) => {
    const label = Array.isArray(value) ? '' : `${quote(key)}: `;
    const last = index === entries.length - 1;
    return label + pythonPretty(item, width, indent + 1 + label.length, last ? after + 1 : 1);
  });
  return `${open}${items.join(`,\n${' '.repeat(indent + 1)}`)}${close}`;
}
