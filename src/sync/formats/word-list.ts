import { SyncError } from '../sync-error.js';
import { shown } from './shown.js';

/** Words in one value: commas between them; a comma, a percent sign and white space at a word's ends are percent-encoded; an empty word is `%`. Throws SyncError invalid for half characters. */
export function writeWords(words: Iterable<string>): string {
  return [...words].map(encode).join(',');
}

/** What writeWords wrote; a person may have put white space around the commas. Throws SyncError invalid for escapes that are no UTF-8. */
export function readWords(text: string): string[] {
  return text
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '')
    .map((word) => (word === '%' ? '' : decode(word)));
}

function encode(word: string): string {
  if (word === '') return '%';
  if (!word.isWellFormed()) throw new SyncError('invalid', `${shown(word)} holds half a character`);
  const body = word.trim();
  if (body === '') return encodeURIComponent(word);
  const start = word.indexOf(body);
  const inner = body.replace(/[,%]/g, encodeURIComponent);
  return encodeURIComponent(word.slice(0, start)) + inner + encodeURIComponent(word.slice(start + body.length));
}

function decode(word: string): string {
  return word.replace(/(?:%[0-9a-f]{2})+/gi, (escapes) => {
    try {
      return decodeURIComponent(escapes);
    } catch (cause) {
      throw new SyncError('invalid', `${shown(word)} has percent escapes that are no UTF-8`, { cause });
    }
  });
}
