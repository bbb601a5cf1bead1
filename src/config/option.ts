import { unquote } from './ini.js';

/** What the docs say about an option beside its type. */
export interface OptionTraits {
  /** Older places of the option as `section.name`, read when the newer ones are not set. */
  readonly formerly?: readonly string[];
  /** The value never appears in messages. */
  readonly secret?: boolean;
  /** Glance's option, read and checked here, that has no effect yet. */
  readonly inert?: boolean;
}

/** One option: its default, its description, and how its text becomes a value. */
export interface Option<T> extends OptionTraits {
  /** Name of the type in the docs, with its limits. */
  readonly type: string;
  readonly fallback: T;
  readonly help: string;
  /** The default as one would write it in a file; null where it is not set. */
  readonly written: string | null;
  /** Repeated lines add up instead of replacing each other. */
  readonly repeats: boolean;
  /** Takes the text of every line that sets the option, at least one. Throws Error saying what the text must be. */
  parse(texts: readonly string[]): T;
}

type Limits = OptionTraits & { readonly min?: number; readonly max?: number };

function single<T>(
  type: string,
  help: string,
  fallback: T,
  written: string | null,
  traits: OptionTraits,
  parse: (text: string) => T,
): Option<T> {
  return { ...traits, type, help, fallback, written, repeats: false, parse: (texts) => parse(texts.at(-1) ?? '') };
}

export function text(help: string, fallback: string, traits: OptionTraits = {}): Option<string> {
  return single('string', help, fallback, fallback, traits, (value) => value);
}

/** A text that may be left out; an empty value counts as left out. */
export function optional(help: string, traits: OptionTraits = {}): Option<string | null> {
  return single<string | null>('string', help, null, null, traits, (value) => value.trim() || null);
}

/** A version of the API v2, `2.16`, with or without a `v` before it, as a text without; an empty value counts as left out. */
export function version(help: string, traits: OptionTraits = {}): Option<string | null> {
  return single<string | null>('version', help, null, null, traits, (value) => {
    if (value.trim() === '') return null;
    const digits = value.trim().replace(/^v/, '');
    if (!/^2\.\d{1,2}$/.test(digits)) throw new Error('must be a version of the API v2, such as 2.16');
    return digits;
  });
}

export function choice<const C extends string>(
  help: string,
  fallback: NoInfer<C>,
  choices: readonly C[],
  traits: OptionTraits = {},
): Option<C> {
  return single<C>(choices.join(' | '), help, fallback, fallback, traits, (value) => {
    const found = choices.find((one) => one === value.trim());
    if (found === undefined) throw new Error(`must be one of ${choices.join(', ')}`);
    return found;
  });
}

export function boolean(help: string, fallback: boolean, traits: OptionTraits = {}): Option<boolean> {
  return single('boolean', help, fallback, fallback ? 'True' : 'False', traits, (value) => {
    const word = value.trim().toLowerCase();
    if (['true', '1', 'on', 'yes'].includes(word)) return true;
    if (['false', '0', 'off', 'no'].includes(word)) return false;
    throw new Error('must be a boolean (True or False)');
  });
}

/** An integer; an empty value means the default. Beyond 2^53 - 1 it is taken as 2^53 - 1, the largest size there is here. */
export function integer(help: string, fallback: number, { min, max, ...traits }: Limits = {}): Option<number> {
  const type = `integer${limits(min, max)}`;
  return single(type, help, fallback, String(fallback), traits, (value) => {
    const digits = value.trim();
    if (digits === '') return fallback;
    if (!/^[+-]?\d{1,30}$/.test(digits)) throw new Error('must be an integer');
    const far = Number.MAX_SAFE_INTEGER;
    return within(Math.max(-far, Math.min(far, Number(digits))), min, max);
  });
}

/** A number with a fraction; an empty value means the default. */
export function real(help: string, fallback: number, { min, max, ...traits }: Limits = {}): Option<number> {
  return single(`float${limits(min, max)}`, help, fallback, String(fallback), traits, (value) => {
    const digits = value.trim();
    if (digits === '') return fallback;
    if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(digits)) throw new Error('must be a number');
    return within(Number(digits), min, max);
  });
}

export function port(help: string, fallback: number, traits: OptionTraits = {}): Option<number> {
  return { ...integer(help, fallback, { ...traits, min: 0, max: 65535 }), type: 'port' };
}

/** Permission bits of a file, written in octal digits; 0 when not set. */
export function mode(help: string, traits: OptionTraits = {}): Option<number> {
  return single('octal', help, 0, '0', traits, (value) => {
    const digits = value.trim().replace(/^0o/, '') || '0';
    if (!/^[0-7]{1,4}$/.test(digits)) throw new Error('must be a mode in octal digits, such as 640');
    return Number.parseInt(digits, 8);
  });
}

/** Bytes, written as a number with an optional unit (B, KB, MB, GB, TB; binary). */
export function size(help: string, fallback: number, traits: OptionTraits = {}): Option<number> {
  return single('size', help, fallback, String(fallback), traits, (value) => {
    const match = /^(\d{1,16})(?:([KMGT]?)B)?$/.exec(value.trim());
    if (match?.[1] === undefined) throw new Error('must be a number of bytes such as 1000, 10GB or 2TB');
    const bytes = Number(match[1]) * 1024 ** ' KMGT'.indexOf(match[2] || ' ');
    return Math.min(bytes, Number.MAX_SAFE_INTEGER);
  });
}

/** A comma list, with or without brackets, each item with or without quotes. */
export function list(help: string, fallback: readonly string[], traits: OptionTraits = {}): Option<readonly string[]> {
  return single('list', help, fallback, fallback.join(','), traits, splitList);
}

/** `a:file,b:http` */
export function dict(help: string, traits: OptionTraits = {}): Option<Readonly<Record<string, string>>> {
  return single<Readonly<Record<string, string>>>('dict', help, {}, '', traits, (value) => {
    const bare = value.trim().replace(/^\{([\s\S]*)\}$/, '$1');
    const pairs = new Map<string, string>();
    for (const item of splitList(bare)) {
      const at = item.indexOf(':');
      const key = unquote(item.slice(0, Math.max(at, 0)).trim());
      if (key === '') throw new Error('must be a list of key:value pairs');
      if (pairs.has(key)) throw new Error(`names the key ${key} twice`);
      pairs.set(key, unquote(item.slice(at + 1).trim()));
    }
    return Object.fromEntries(pairs);
  });
}

/** An option whose repeated lines add up. */
export function multi(help: string, traits: OptionTraits = {}): Option<readonly string[]> {
  return { ...traits, type: 'multi', help, fallback: [], written: null, repeats: true, parse: (texts) => [...texts] };
}

function limits(min: number | undefined, max: number | undefined): string {
  const words = [min === undefined ? '' : `at least ${min}`, max === undefined ? '' : `at most ${max}`].filter(Boolean);
  return words.length > 0 ? `, ${words.join(', ')}` : '';
}

function within(value: number, min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY): number {
  if (value < min) throw new Error(`must be at least ${min}`);
  if (value > max) throw new Error(`must be at most ${max}`);
  return value;
}

/** Splits at commas outside quotes; takes brackets off the whole and quotes off the items; drops a trailing comma. */
function splitList(value: string): readonly string[] {
  const bare = value.trim().replace(/^\[([\s\S]*)\]$/, '$1');
  const pieces = bare.match(/(?:"[^"]*"|'[^']*'|[^,])+/g) ?? [];
  return pieces.map((piece) => unquote(piece.trim())).filter((piece) => piece !== '');
}
