import { SyncError } from '../sync-error.js';

const BEGIN = '-----BEGIN PGP SIGNED MESSAGE-----';
const SIGNATURE = '-----BEGIN PGP SIGNATURE-----';
const END = '-----END PGP SIGNATURE-----';

export interface ClearsignedFrame {
  /** What is signed, lines ended by LF, the last one too; nothing that a signature leaves out is left in it. */
  readonly text: string;
  /** The armoured signature. */
  readonly signature: string;
}

/** Far more than any signed document has, and few enough to be held one by one. */
const MOST_LINES = 2_000_000;

/**
 * Takes a clearsigned text (RFC 4880 section 7) apart. A signature says nothing about the kind of line ends, the white space before them, nor
 * about anything around the message: carriage returns and surrounding text are refused, white space at line ends falls away. Throws SyncError signature.
 */
export function parseClearsigned(text: string): ClearsignedFrame {
  if (/[\r\0]/.test(text)) throw wrong('holds carriage returns or zeros');
  const lines = text.split('\n', MOST_LINES + 1);
  if (lines.length > MOST_LINES) throw wrong(`has more than ${MOST_LINES} lines`);
  if (lines[0] !== BEGIN) throw wrong('does not begin with the signed message');
  let at = 1;
  for (; lines[at] !== undefined && lines[at]?.trim() !== ''; at++) {
    if (!/^Hash: [A-Za-z0-9, -]+$/.test(lines[at] ?? '')) throw wrong(`has another header than Hash in line ${at + 1}`);
  }
  const from = lines.indexOf(SIGNATURE, at + 1);
  const to = lines.indexOf(END, from + 1);
  if (from < 0 || to < 0) throw wrong('is cut short');
  if (lines.slice(to + 1).some((line) => line.trim() !== '')) throw wrong('goes on behind its signature');
  const message = lines.slice(at + 1, from).map((line, index) => {
    if (line.startsWith('-') && !line.startsWith('- ')) throw wrong(`has a bare dash in line ${at + 2 + index}`);
    return withoutBlanks(line.startsWith('- ') ? line.slice(2) : line);
  });
  return { text: message.map((line) => `${line}\n`).join(''), signature: `${lines.slice(from, to + 1).join('\n')}\n` };
}

/** Spaces and tabs at the end fall away; a regular expression would take the square of their number where something follows them. */
function withoutBlanks(line: string): string {
  let end = line.length;
  while (line[end - 1] === ' ' || line[end - 1] === '\t') end -= 1;
  return line.slice(0, end);
}

/**
 * The message of a clearsigned text, which may have CRLF at its line ends, and any other text as it is, for readers that verify nothing.
 * Throws as parseClearsigned does.
 */
export function signedPart(text: string): string {
  return text.startsWith(BEGIN) ? parseClearsigned(text.replaceAll('\r\n', '\n')).text : text;
}

/** Whether a text comes back byte for byte when it is clearsigned. */
export function canBeClearsigned(text: string): boolean {
  return text.endsWith('\n') && !/[\r\0]|[ \t]\n/.test(text);
}

/** Puts a text and its armoured signature together. `hashes` are the names of the digests, as `SHA512`. */
export function writeClearsigned(text: string, hashes: readonly string[], signature: string): string {
  return `${BEGIN}\nHash: ${hashes.join(', ')}\n\n${text.replace(/^-/gm, '- -')}${signature}`;
}

function wrong(why: string): SyncError {
  return new SyncError('signature', `the clearsigned text ${why}`);
}
