import { SyncError } from '../sync-error.js';
import { shown } from './shown.js';

/** Where references are resolved when only their form counts. */
const ANYWHERE = 'http://mirror.invalid/';

/** Checks the reference of a data file, which stays as written. Throws SyncError invalid that names the key. */
export function readReference(key: string, text: string): string {
  if (URL.canParse(text, ANYWHERE) && !/[\p{Cc}\\]/u.test(text)) return text;
  throw new SyncError('invalid', `${key}: ${shown(text)} is no reference of a file`);
}

/** The data file of a `.properties` file that names none: its neighbour with the extension `.image` (sync-and-manager section 1.2). */
export function defaultImage(fileName: string): string {
  const stem = lastSegment(fileName).replace(/\.properties$/, '');
  return `${encodeURIComponent(stem.toWellFormed())}.image`;
}

/**
 * The name of an image that has none: the last segment of its data file's path, up to the first dot (sync-and-manager section 1.2).
 * Throws SyncError invalid where that is empty.
 */
export function defaultName(image: string): string {
  const [name = ''] = decoded(lastSegment(new URL(image, ANYWHERE).pathname)).split('.');
  if (name === '') throw new SyncError('invalid', `there is no name, and ${shown(image)} gives none`);
  return name;
}

function lastSegment(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
