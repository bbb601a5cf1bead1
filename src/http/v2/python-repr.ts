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

/** Names and items; those of a list one by one, as most of a long one are never looked at. */
function entriesOf(value: object, sorted: boolean): Iterable<readonly [string | number, unknown]> {
  if (Array.isArray(value)) return value.entries();
  const entries: [string, unknown][] = Object.entries(value);
  return sorted ? entries.sort(([a], [b]) => (a < b ? -1 : 1)) : entries;
}

function label(name: string | number): string {
  return typeof name === 'string' ? `${quote(name)}: ` : '';
}

function whole(value: unknown, depth: number, sorted: boolean): string {
  if (typeof value === 'string') return quote(value.length > LONGEST ? value.slice(0, LONGEST).toWellFormed() : value);
  if (typeof value === 'number') return number(value);
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value !== 'object' || value === null) return 'None';
  const [open, close] = Array.isArray(value) ? '[]' : '{}';
  if (depth === DEEPEST) return `${open}...${close}`;
  let content = '';
  for (const [name, item] of entriesOf(value, sorted)) {
    if (content !== '') content += ', ';
    if (content.length > LONGEST) return `${open}${content}...${close}`;
    content += label(name) + whole(item, depth + 1, sorted);
  }
  return open + content + close;
}

/** A JSON value as Python writes it: the form in which clients know the values in Glance's errors. Cut beyond some thousand characters. */
export function pythonRepr(value: unknown): string {
  return whole(value, 0, false);
}

/**
 * The same with sorted keys, over several lines where it is longer than `width`: as Python's pprint lays values out.
 * For values of the server's own, like schemas: the result grows with the value.
 */
export function pythonPretty(value: unknown, width = 72, indent = 0, after = 0): string {
  const line = whole(value, 0, true);
  if (line.length <= width - indent - after || typeof value !== 'object' || value === null) return line;
  const entries = [...entriesOf(value, true)];
  const [open, close] = Array.isArray(value) ? '[]' : '{}';
  const items = entries.map(([name, item], index) => {
    const last = index === entries.length - 1;
    return label(name) + pythonPretty(item, width, indent + 1 + label(name).length, last ? after + 1 : 1);
  });
  return `${open}${items.join(`,\n${' '.repeat(indent + 1)}`)}${close}`;
}
