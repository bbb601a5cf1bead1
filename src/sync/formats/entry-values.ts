import { ENCODINGS, type Encoding, isEncoding } from '../../compression/encoding.js';
import { SyncError } from '../sync-error.js';
import { type DigestAlgorithm, readDigest } from './digests.js';
import { shown } from './shown.js';
import type { EntryAttribute } from './sync-keys.js';

// Readers of the values of a `.properties` file; each throws SyncError invalid that names the key.

/** The largest min_disk and min_ram that registries can keep. */
const INT_MAX = 2_147_483_647;
const LONGEST_LABEL = 255;

/** A number of bytes. */
export function readBytes(key: string, text: string): number {
  return readInteger(key, text, Number.MAX_SAFE_INTEGER);
}

function readInteger(key: string, text: string, largest: number): number {
  const number = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (number <= largest) return number;
  throw new SyncError('invalid', `${key}: ${shown(text)} is no integer from 0 to ${largest}`);
}

/** Glance's words for true; everything else is false, which of all that is asked here is the careful side. */
export function readFlag(_key: string, text: string): boolean {
  return ['t', 'true', 'on', 'y', 'yes', '1'].includes(text.toLowerCase());
}

/** True and False as the files of 2012 have them. */
export function writeFlag(value: boolean): string {
  return value ? 'True' : 'False';
}

/** How the data file is encoded. */
export function readEncoding(key: string, text: string): Encoding {
  if (isEncoding(text)) return text;
  throw new SyncError('invalid', `${key}: ${shown(text)} is none of ${ENCODINGS.join(', ')}`);
}

/** A text in one line that becomes part of names. */
export function readLabel(key: string, text: string): string {
  if (text.length <= LONGEST_LABEL && !/\p{Cc}/u.test(text)) return text;
  throw new SyncError('invalid', `${key}: ${shown(text)} is no single line of at most ${LONGEST_LABEL} characters`);
}

/** The reader of an algorithm's digests, in lower case. */
export function readDigestOf(algorithm: DigestAlgorithm): (key: string, text: string) => string {
  return (key, text) => readDigest(algorithm, text, key);
}

const readMinimum = (key: string, text: string) => String(readInteger(key, text, INT_MAX));

/** The values of attributes in the form in which they are handed on and written. */
export const ATTRIBUTE_VALUES: Readonly<Record<EntryAttribute, (key: string, text: string) => string>> = {
  disk_format: readLabel,
  container_format: readLabel,
  is_public: (key, text) => writeFlag(readFlag(key, text)),
  min_disk: readMinimum,
  min_ram: readMinimum,
};
