import { SyncError } from '../sync-error.js';

/** One line without its end, and its number in the file. */
export interface NumberedLine {
  readonly text: string;
  readonly number: number;
}

const BEGIN = '-----BEGIN PGP SIGNED MESSAGE-----';
const SIGNATURE = '-----BEGIN PGP SIGNATURE-----';
const END = '-----END PGP SIGNATURE-----';

/**
 * The lines of a text, or of the message within where the text is clearsigned (RFC 4880 section 7): what its signature covers, dashes
 * unescaped, and nothing else. A CR at a line's end falls away. The signature itself is not looked at. Throws SyncError invalid for armour
 * that is cut short or has text around it, which no signature would cover.
 */
export function* clearsignedText(lines: readonly string[]): Generator<NumberedLine> {
  let part: 'plain' | 'headers' | 'message' | 'signature' | 'after' = 'plain';
  let blank = true;
  for (const [index, raw] of lines.entries()) {
    const line = { text: raw.replace(/\r$/, ''), number: index + 1 };
    const armour = line.text.startsWith('-----') ? line.text.trimEnd() : '';
    const wrong = (reason: string) => new SyncError('invalid', `line ${line.number} ${reason}`);
    switch (part) {
      case 'plain':
        if (armour === BEGIN && blank) part = 'headers';
        else if (armour === BEGIN) throw wrong('begins a signed message after text that is not signed');
        else yield line;
        blank &&= line.text.trim() === '';
        break;
      case 'headers':
        if (line.text.trim() === '') part = 'message';
        else if (!line.text.startsWith('Hash: ')) throw wrong('is no header of a signed message');
        break;
      case 'message':
        if (armour === SIGNATURE) part = 'signature';
        else if (line.text.startsWith('- ')) yield { ...line, text: line.text.slice(2) };
        else if (line.text.startsWith('-')) throw wrong('of a signed message begins with a bare dash');
        else yield line;
        break;
      case 'signature':
        if (armour === END) part = 'after';
        break;
      case 'after':
        if (line.text.trim() !== '') throw wrong('follows a signature');
    }
  }
  if (part !== 'plain' && part !== 'after') throw new SyncError('invalid', 'the signed message is cut short');
}

/** Far more than any signed document has, and few enough to be held one by one. */
const MOST_LINES = 2_000_000;

/** The text that a signature covers, where the text is clearsigned; any other text as it is. Throws as clearsignedText does. */
export function signedPart(text: string): string {
  if (!text.trimStart().startsWith(BEGIN)) return text;
  const lines = text.split('\n', MOST_LINES + 1);
  if (lines.length > MOST_LINES) throw new SyncError('invalid', `the signed message has more than ${MOST_LINES} lines`);
  return Array.from(clearsignedText(lines), (line) => line.text).join('\n');
}
