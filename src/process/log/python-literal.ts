/** A value of Python's literals, or a dotted name such as `sys.stdout`. */
export type PythonValue = string | number | boolean | null | { readonly name: string } | readonly PythonValue[];

const TOKEN =
  /\s*(?:("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(-?(?:0o[0-7]+|\d+(?:\.\d+)?))|([A-Za-z_][\w.]*)|([(),[\]]))\s*/y;

/** Reads the tuple of arguments of a logging handler, such as `('a.log', 'a', 1000, 3)`. Nothing is evaluated. Throws Error for anything else. */
export function parsePythonTuple(text: string): readonly PythonValue[] {
  const tokens = tokenize(text);
  let at = 0;

  const value = (): PythonValue => {
    const token = tokens[at++];
    if (token === '(' || token === '[') return items(token === '(' ? ')' : ']');
    if (token === undefined || token === ')' || token === ']' || token === ',') throw malformed(text);
    if (/^["']/.test(token)) return token.slice(1, -1).replace(/\\(.)/g, '$1');
    if (/^-?\d/.test(token)) return Number(token);
    if (token === 'True' || token === 'False') return token === 'True';
    return token === 'None' ? null : { name: token };
  };
  const items = (end: string): PythonValue[] => {
    const list: PythonValue[] = [];
    while (tokens[at] !== end) {
      list.push(value());
      if (tokens[at] === ',') at += 1;
      else if (tokens[at] !== end) throw malformed(text);
    }
    at += 1;
    return list;
  };

  if (tokens.length === 0) return [];
  const parsed = value();
  if (at !== tokens.length || !Array.isArray(parsed)) throw malformed(text);
  return parsed;
}

function tokenize(text: string): string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const match = TOKEN.exec(text);
    if (match === null) throw malformed(text);
    tokens.push(match[0].trim());
  }
  return tokens;
}

function malformed(text: string): Error {
  return new Error(`cannot read the arguments ${text}: they must be a tuple of texts, numbers and names`);
}
