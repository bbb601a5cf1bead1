import { SyncError } from '../sync-error.js';
import { signedPart } from './clearsigned.js';
import { assertSafePath } from './safe-path.js';
import { shown } from './shown.js';

/** From the weakest to the strongest. */
const ALGORITHMS = ['md5', 'sha1', 'sha256', 'sha512', 'blake2b'] as const;

export type ChecksumAlgorithm = (typeof ALGORITHMS)[number];

/** One file of a directory: its path below the root of the repository, and its hash in lower-case hex. */
export interface ChecksumEntry {
  readonly path: string;
  readonly digest: string;
  /** The mark `*` of GNU's tools. It means nothing where lines end in LF. */
  readonly binary: boolean;
}

export interface ChecksumFile {
  readonly algorithm: ChecksumAlgorithm;
  /** In the order of the file, each path once. */
  readonly entries: readonly ChecksumEntry[];
}

/** Sync-and-manager section 1.4: bytes of UTF-8, lines. Longer lines than the longest name and digest need are no entries. */
const MOST = { file: 16 * 1024 * 1024, lines: 100_000, line: 4096 };

const TAGS = new Map<string, ChecksumAlgorithm>([
  ['MD5', 'md5'],
  ['SHA1', 'sha1'],
  ['SHA256', 'sha256'],
  ['SHA512', 'sha512'],
  ['BLAKE2b', 'blake2b'],
]);
const DIGITS: Readonly<Record<ChecksumAlgorithm, number>> = {
  md5: 32,
  sha1: 40,
  sha256: 64,
  sha512: 128,
  blake2b: 128,
};
const UNTAGGED = new Map<number, ChecksumAlgorithm>([
  [32, 'md5'],
  [40, 'sha1'],
  [64, 'sha256'],
  [128, 'sha512'],
]);

/** `SHA256 (name) = hex`, as BSD's tools and `--tag` of GNU's write. */
const TAGGED = /^([A-Za-z0-9-]+) ?\((.*)\) ?= ?([0-9a-fA-F]+)$/s;
/** `hex  name` or `hex *name`; some write one space only. */
const PLAIN = /^([0-9a-fA-F]{32,128})[ \t](?:([ *])(.+)|([^ *].*))$/s;

interface Line extends ChecksumEntry {
  readonly algorithm: ChecksumAlgorithm;
}

/**
 * Reads the output of md5sum, sha1sum, sha256sum, sha512sum and of BSD's tools (sync-and-manager section 1.4): escaped names, comments,
 * blank lines, CRLF, and the text of a clearsigned file, whose signature is not looked at. The digest's length picks the algorithm;
 * of several algorithms the strongest counts. Throws SyncError refused for a path that is not safe, and invalid, naming the line, for
 * a line that is nothing of this (of a clearsigned file those of the message count), a path with two digests, a list of nothing, and beyond
 * 16 MiB or 100 000 lines; signature for broken armour.
 */
export function parseChecksumFile(text: string): ChecksumFile {
  if (Buffer.byteLength(text) > MOST.file) throw invalid(`the list is larger than ${MOST.file} bytes`);
  const lines = signedPart(text.replace(/^\uFEFF/, '')).split('\n', MOST.lines + 2);
  if (lines.at(-1) === '') lines.pop();
  if (lines.length > MOST.lines) throw invalid(`the list has more than ${MOST.lines} lines`);
  const found = new Map<ChecksumAlgorithm, Map<string, ChecksumEntry>>();
  for (const [index, line] of lines.entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    const number = index + 1;
    const { algorithm, ...entry } = readLine(line.replace(/\r$/, ''), number);
    const entries = found.get(algorithm) ?? new Map<string, ChecksumEntry>();
    found.set(algorithm, entries);
    const known = entries.get(entry.path);
    if (known !== undefined && known.digest !== entry.digest) {
      throw invalid(`line ${number}: ${shown(entry.path)} has two different digests`);
    }
    if (known === undefined) entries.set(entry.path, entry);
  }
  return strongestOf(found);
}

/** Every path must have a digest of the algorithm that counts, else a file would vanish unnoticed. */
function strongestOf(found: ReadonlyMap<ChecksumAlgorithm, ReadonlyMap<string, ChecksumEntry>>): ChecksumFile {
  const algorithm = ALGORITHMS.findLast((candidate) => found.has(candidate));
  const entries = algorithm && found.get(algorithm);
  if (algorithm === undefined || entries === undefined) throw invalid('the list names no file');
  for (const others of found.values()) {
    for (const path of others.keys()) {
      if (!entries.has(path)) throw invalid(`${shown(path)} has no ${algorithm} digest although other files have one`);
    }
  }
  return { algorithm, entries: [...entries.values()] };
}

/**
 * Writes a list as GNU's tools do and check it (`md5sum -c`): two spaces, the `.properties` files first, since the image-sync of 2012
 * reads no further than the first line of them (sync-and-manager section 1.4), then the others, each group sorted.
 * Throws SyncError refused for a path that is not safe, and invalid for two lines of one path and digests that are of no one algorithm.
 */
export function writeChecksumFile(entries: readonly ChecksumEntry[]): string {
  const lines = new Map<string, string>();
  for (const { path, digest } of entries) {
    assertSafePath(path);
    if (lines.has(path)) throw invalid(`${shown(path)} is listed twice`);
    if (!UNTAGGED.has(digest.length) || digest.length !== entries[0]?.digest.length || !/^[0-9a-f]+$/.test(digest)) {
      throw invalid(`${shown(digest)} is no digest of the list's algorithm`);
    }
    lines.set(path, `${digest}  ${path}\n`);
  }
  const paths = [...lines.keys()].sort();
  const isSidecar = (path: string) => path.endsWith('.properties');
  const ordered = [...paths.filter(isSidecar), ...paths.filter((path) => !isSidecar(path))];
  return ordered.map((path) => lines.get(path)).join('');
}

function invalid(reason: string): SyncError {
  return new SyncError('invalid', reason);
}

function readLine(raw: string, number: number): Line {
  const nonsense = () => invalid(`line ${number} is no line of a checksum file: ${shown(raw)}`);
  if (raw.length > MOST.line) throw nonsense();
  // As GNU's tools: a backslash before the line says that the name is escaped.
  const escaped = raw.startsWith('\\');
  const line = escaped ? raw.slice(1) : raw;
  const read = readTagged(line) ?? readPlain(line);
  if (read === undefined) throw nonsense();
  const path = (escaped ? unescaped(read.path) : read.path)?.replace(/^(?:\.\/)+/, '');
  if (path === undefined) throw nonsense();
  assertSafePath(path);
  return { ...read, path, digest: read.digest.toLowerCase() };
}

function readTagged(line: string): Line | undefined {
  const [, tag = '', path, digest] = TAGGED.exec(line) ?? [];
  const algorithm = TAGS.get(tag);
  if (algorithm === undefined || path === undefined || digest?.length !== DIGITS[algorithm]) return undefined;
  return { algorithm, path, digest, binary: false };
}

function readPlain(line: string): Line | undefined {
  const [, digest = '', mark, marked, path = marked] = PLAIN.exec(line) ?? [];
  const algorithm = UNTAGGED.get(digest.length);
  if (algorithm === undefined || path === undefined) return undefined;
  return { algorithm, path, digest, binary: mark === '*' };
}

const ESCAPES: Readonly<Record<string, string>> = { '\\\\': '\\', '\\n': '\n', '\\r': '\r' };

/** The name behind GNU's escapes, or undefined where there is another one than `\n`, `\r` and `\\`. */
function unescaped(name: string): string | undefined {
  if (!/^(?:[^\\]|\\[\\nr])*$/.test(name)) return undefined;
  return name.replace(/\\./g, (pair) => ESCAPES[pair] ?? pair);
}
