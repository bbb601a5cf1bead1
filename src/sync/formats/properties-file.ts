import { SyncError } from '../sync-error.js';
import { shown } from './shown.js';
import { ANY_SYNC } from './sync-keys.js';

/** Sync-and-manager section 1.3: bytes of UTF-8, keys, characters, bytes of UTF-8. */
const MOST = { file: 256 * 1024, keys: 512, key: 255, value: 64 * 1024 };

/**
 * Reads all of java.util.Properties: comments, continued lines, the three separators, every escape; of a key given twice the last.
 * Throws SyncError invalid, naming the line, for a malformed `\u` escape, for NUL and half characters, and beyond the limits
 * of section 1.3 (256 KiB, 512 keys of 255 characters, values of 64 KiB).
 */
export function parseProperties(text: string): ReadonlyMap<string, string> {
  if (Buffer.byteLength(text) > MOST.file) throw invalid(`the file is larger than ${MOST.file} bytes`);
  const properties = new Map<string, string>();
  for (const { line, number } of logicalLines(text.replace(/^\uFEFF/, ''))) {
    const where = `line ${number}: `;
    const [rawKey, rawValue] = split(line);
    const key = unescaped(rawKey, where);
    const value = unescaped(rawValue, where);
    check(key, value, where);
    properties.set(key, value);
    if (properties.size > MOST.keys) throw invalid(`${where}there are more than ${MOST.keys} keys`);
  }
  return properties;
}

/**
 * Writes properties in ASCII so that java.util.Properties and parseProperties read the same map: sync keys first, each group
 * sorted, one `key=value` per line, no comment; the same map is the same text. Throws SyncError invalid beyond the limits of parseProperties.
 */
export function writeProperties(properties: ReadonlyMap<string, string>): string {
  if (properties.size > MOST.keys) throw invalid(`there are more than ${MOST.keys} keys`);
  const keys = [...properties.keys()].sort();
  const isSync = (key: string) => key.startsWith(ANY_SYNC);
  let text = '';
  for (const key of [...keys.filter(isSync), ...keys.filter((other) => !isSync(other))]) {
    const value = properties.get(key) ?? '';
    check(key, value, '');
    text += `${escapeKey(key)}=${escapeValue(value)}\n`;
    if (text.length > MOST.file) throw invalid(`the properties do not fit into a file of ${MOST.file} bytes`);
  }
  return text;
}

function invalid(reason: string): SyncError {
  return new SyncError('invalid', reason);
}

function check(key: string, value: string, where: string): void {
  for (const text of [key, value]) {
    if (text.includes('\0')) throw invalid(`${where}the property ${shown(key)} holds a NUL`);
    if (!text.isWellFormed()) throw invalid(`${where}the property ${shown(key)} holds half a character`);
  }
  if (key.length > MOST.key && [...key].length > MOST.key) {
    throw invalid(`${where}the key ${shown(key)} is longer than ${MOST.key} characters`);
  }
  if (Buffer.byteLength(value) > MOST.value) {
    throw invalid(`${where}the value of ${shown(key)} is larger than ${MOST.value} bytes`);
  }
}

/** Lines without comments and blank ones, continued lines joined, with the number of the line where each begins. */
function* logicalLines(text: string): Generator<{ line: string; number: number }> {
  const lines = text.split(/\r\n|\r|\n/);
  if (lines.at(-1) === '') lines.pop();
  let open: { line: string; number: number } | undefined;
  for (const [index, natural] of lines.entries()) {
    const rest = natural.replace(/^[ \t\f]+/, '');
    // Nothing but a backslash opens no line: after it, Java still takes comments and blank lines for what they are.
    if (open === undefined || open.line === '') {
      open = undefined;
      if (rest === '' || rest.startsWith('#') || rest.startsWith('!')) continue;
    }
    const continues = backslashesAtEnd(rest) % 2 === 1;
    open ??= { line: '', number: index + 1 };
    open.line += continues ? rest.slice(0, -1) : rest;
    if (continues) continue;
    yield open;
    open = undefined;
  }
  if (open) yield open;
}

function backslashesAtEnd(line: string): number {
  let count = 0;
  while (line[line.length - 1 - count] === '\\') count += 1;
  return count;
}

/** Key and value, both as written. The separator is white space, or one `=` or `:` with or without white space around it. */
function split(line: string): [key: string, value: string] {
  let end = 0;
  while (end < line.length && !/[=: \t\f]/.test(line.charAt(end))) end += line[end] === '\\' ? 2 : 1;
  const value = line.slice(end).replace(/^[ \t\f]*[=:]?[ \t\f]*/, '');
  return [line.slice(0, end), value];
}

const LETTERS: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', f: '\f' };

function unescaped(text: string, where: string): string {
  return text.replace(/\\(?:u(.{0,4})|([\s\S]?))/g, (written: string, hex: string | undefined, letter = '') => {
    if (hex === undefined) return LETTERS[letter] ?? letter;
    if (!/^[0-9a-f]{4}$/i.test(hex)) throw invalid(`${where}${shown(written)} is no \\uXXXX escape`);
    return String.fromCharCode(Number.parseInt(hex, 16));
  });
}

const NAMED: Readonly<Record<string, string>> = { '\t': '\\t', '\n': '\\n', '\r': '\\r', '\f': '\\f', '\\': '\\\\' };

function escapeUnprintable(text: string): string {
  return text.replace(/[^ -[\]-~]/g, (unit) => NAMED[unit] ?? `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function escapeKey(key: string): string {
  return escapeUnprintable(key).replace(/[ =:#!]/g, '\\$&');
}

function escapeValue(value: string): string {
  return escapeUnprintable(value).replace(/^[ =:#!]/, '\\$&');
}
