/** A regular expression that is none, or that is not supported; the message says what is wrong with it, not where it stands. */
export class RegExpError extends Error {
  override readonly name = 'RegExpError';
}

/** Repetitions beyond which a loop around another loop may take for ever on a name made for it. */
const FEW = 10;

const WORD = '\\p{L}\\p{N}_';
const EDGE = `(?<=[${WORD}])(?![${WORD}])|(?<![${WORD}])(?=[${WORD}])`;

/** Python's classes know all of Unicode, JavaScript's only ASCII. */
const CLASSES: Readonly<Record<string, string>> = {
  d: '\\p{Nd}',
  D: '\\P{Nd}',
  w: `[${WORD}]`,
  W: `[^${WORD}]`,
  s: '[\\s\\x1c-\\x1f\\x85]',
  S: '[^\\s\\x1c-\\x1f\\x85]',
};
const ASSERTIONS: Readonly<Record<string, string>> = { A: '^', Z: '$', b: `(?:${EDGE})`, B: `(?!${EDGE})` };
const CONTROLS: Readonly<Record<string, string>> = { a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' };

const FLAGS = /^\(\?([a-zA-Z]+)\)/;
const GROUP = /\((?:\?(?:P<\w+>|[:=!]|<[=!]))?/y;
const QUANTIFIER = /(?:([*+?])|\{(?=[\d,])(\d*)(?:(,)(\d*))?\})\??/y;
const CODE = /x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})/y;

/**
 * The JavaScript form of a regular expression in Python's language. Throws RegExpError for what is no expression, for what
 * JavaScript cannot say (conditions, flags of a group, atomic groups), for references back to a group, and for an unlimited
 * repetition around another one, `(a+)+`, which names made for it can keep busy for hours. Other slow expressions pass:
 * they are written by the operator, who should keep them simple.
 */
export function pythonRegExp(source: string): RegExp {
  const [prefix = '', flags = ''] = FLAGS.exec(source) ?? [];
  if (/[^isu]/.test(flags)) throw new RegExpError(`has the flags "${prefix}", of which only i, s and u are supported`);
  const translated = new Translation(source.slice(prefix.length), flags.includes('s')).whole();
  try {
    return new RegExp(translated, flags.includes('i') ? 'iv' : 'v');
  } catch (cause) {
    const said = cause instanceof Error ? cause.message : String(cause);
    throw new RegExpError(`is no regular expression: ${said.slice(said.lastIndexOf(': ') + 2)}`, { cause });
  }
}

function literal(character: string): string {
  return /^\w$/.test(character) ? character : `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}

/** One expression on its way into JavaScript's language. */
class Translation {
  #at = 0;
  /** For every open group, the outermost being the whole, whether there is a long repetition within. */
  readonly #loops: boolean[] = [false];

  constructor(
    private readonly source: string,
    private readonly dotIsAll: boolean,
  ) {}

  whole(): string {
    let out = '';
    let loopBefore = false;
    while (this.#at < this.source.length) {
      const quantifier = this.#match(QUANTIFIER);
      if (quantifier === undefined) {
        const closes = this.source[this.#at] === ')';
        const within = this.#loops.at(-1) === true;
        out += this.#piece();
        loopBefore = closes && within;
      } else {
        out += this.#quantified(quantifier, loopBefore);
        loopBefore = false;
      }
    }
    return out;
  }

  #match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.source) ?? undefined;
    if (match !== undefined) this.#at = pattern.lastIndex;
    return match;
  }

  /** The next character, whole even where JavaScript keeps it in two halves. */
  #next(): string {
    const code = this.source.codePointAt(this.#at);
    if (code === undefined) throw new RegExpError('is no regular expression: it ends too early');
    const character = String.fromCodePoint(code);
    this.#at += character.length;
    return character;
  }

  #quantified([text, sign, least = '', comma, most = '']: RegExpExecArray, loopBefore: boolean): string {
    const unlimited = sign === '*' || sign === '+' || (comma !== undefined && most === '');
    const variable = comma !== undefined && Number(most) > FEW;
    if (unlimited || Math.max(Number(least), Number(most)) > FEW) {
      if (loopBefore) throw new RegExpError(`repeats with "${text}" a group that itself repeats`);
      if (unlimited || variable) this.#loops[this.#loops.length - 1] = true;
    }
    // JavaScript wants the lower limit that Python lets be left out.
    return text.startsWith('{,') ? `{0${text.slice(1)}` : text;
  }

  #piece(): string {
    if (this.source[this.#at] === '(') return this.#group();
    const character = this.#next();
    switch (character) {
      case ')':
        return this.#close();
      case '[':
        return this.#set();
      case '\\':
        return this.#escape();
      case '.':
        return this.dotIsAll ? '[^]' : '[^\\n]';
      case '$':
        // Also before a newline at the end, lest a name with one escape the rule for the name without.
        return '(?=\\n?$)';
      case '^':
      case '|':
        return character;
      default:
        return literal(character);
    }
  }

  #group(): string {
    const [text = '('] = this.#match(GROUP) ?? [];
    const odd = text === '(' && this.source[this.#at] === '?';
    if (odd) throw new RegExpError(`has "(${this.source.slice(this.#at, this.#at + 2)}", which is not supported`);
    this.#loops.push(false);
    // Nothing is ever taken out of a match: groups need neither names nor numbers.
    return text === '(' || text.startsWith('(?P') ? '(?:' : text;
  }

  #close(): string {
    const within = this.#loops.pop() === true;
    if (this.#loops.length === 0) throw new RegExpError('is no regular expression: it has a ")" too many');
    if (within) this.#loops[this.#loops.length - 1] = true;
    return ')';
  }

  #escape(): string {
    const name = this.source[this.#at] ?? '';
    const found = CLASSES[name] ?? ASSERTIONS[name];
    if (found === undefined) return literal(this.#escaped());
    this.#at += 1;
    return found;
  }

  /** The character behind a backslash that stands for one character. */
  #escaped(): string {
    const code = this.#match(CODE);
    if (code !== undefined) return codePoint(code);
    const character = this.#next();
    if (/[0-9]/.test(character))
      throw new RegExpError(`has "\\${character}": references and octal digits are not supported`);
    const control = CONTROLS[character];
    if (control === undefined && /[a-zA-Z]/.test(character))
      throw new RegExpError(`has "\\${character}", which is not supported`);
    return control ?? character;
  }

  /** A set, from behind its `[`. In Python a `]` that comes first is one of its characters, and no other sign but `\` is special. */
  #set(): string {
    let out = '[';
    if (this.source[this.#at] === '^') out += this.#next();
    do {
      const first = this.#member();
      const next = this.source.slice(this.#at, this.#at + 2);
      if (next.startsWith('-') && next !== '-]' && next !== '-') {
        this.#at += 1;
        const last = this.#member();
        if (isClass(first) || isClass(last)) {
          throw new RegExpError('has a range between what are no characters');
        }
        out += `${first}-${last}`;
      } else out += first;
    } while (this.source[this.#at] !== ']');
    this.#at += 1;
    return `${out}]`;
  }

  #member(): string {
    const character = this.#next();
    if (character !== '\\') return literal(character);
    const found = CLASSES[this.source[this.#at] ?? ''];
    if (found === undefined) return literal(this.#escaped());
    this.#at += 1;
    return found;
  }
}

/** Whether a member of a set, translated, is a set itself. */
function isClass(member: string): boolean {
  return /^(?:\[|\\p)/i.test(member);
}

function codePoint(match: RegExpExecArray): string {
  const code = Number.parseInt(match[1] ?? match[2] ?? match[3] ?? '', 16);
  if (code > 0x10ffff) throw new RegExpError(`has "\\${match[0]}", which is no character`);
  return String.fromCodePoint(code);
}
