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

/**
 * Takes a clearsigned text (RFC 4880 section 7) apart. A signature says nothing about the kind of line ends, the white space before them, nor
 * about anything around the message: carriage returns and surrounding text are refused, white space at line ends falls away. Throws SyncError signature.
 */
export function parseClearsigned(text: string): ClearsignedFrame {
  if (/[\r\0]/.test(text)) throw wrong('holds carriage returns or zeros');
  const lines = text.split('\n');
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
    return line.replace(/^- /, '').replace(/[ \t]+$/, '');
  });
  return { text: message.map((line) => `${line}\n`).join(''), signature: `${lines.slice(from, to + 1).join('\n')}\n` };
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
