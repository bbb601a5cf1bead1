import { SyncError } from '../sync-error.js';
import { shown } from './shown.js';

const LONGEST = 1024;

/**
 * Throws SyncError refused for a path of a repository that could leave it, or name different files to different tools (sync-and-manager
 * section 1.4): absolute, with `.` or `..` or an empty segment (plain or percent-encoded), a backslash, a control character,
 * a scheme or a drive, or more than 1024 bytes of UTF-8.
 */
export function assertSafePath(path: string): void {
  const reason = danger(path);
  if (reason !== undefined) throw new SyncError('refused', `the path ${shown(path)} ${reason}`);
}

function danger(path: string): string | undefined {
  if (path.length > LONGEST || Buffer.byteLength(path) > LONGEST) return `is longer than ${LONGEST} bytes`;
  if (path === '') return 'is empty';
  if (!path.isWellFormed()) return 'is not well-formed Unicode';
  if (/\p{Cc}/u.test(path)) return 'has a control character';
  if (path.includes('\\')) return 'has a backslash';
  if (path.startsWith('/')) return 'is absolute';
  if (/^[a-z][a-z0-9+.-]*:/i.test(path)) return 'begins with a scheme';
  const segments = path.split('/');
  if (segments.includes('')) return 'has an empty segment';
  // URL parsers take `%2e%2e` for `..`, and some servers decode the others before they look for a file.
  if (segments.some((segment) => /^(?:\.|%2e){1,2}$/i.test(segment))) return 'has a segment that climbs';
  if (/%(?:2f|5c|[01][0-9a-f]|7f)/i.test(path)) return 'hides a separator or a control character behind a percent sign';
  return undefined;
}

/**
 * The URL of a file of a repository whose root is `base`; what a URL would read as a query or an escape is a plain character of
 * the path. Throws SyncError refused for an unsafe path.
 */
export function urlOfPath(base: URL, path: string): URL {
  assertSafePath(path);
  const root = new URL(base);
  root.search = '';
  root.hash = '';
  if (!root.pathname.endsWith('/')) root.pathname += '/';
  return new URL(path.split('/').map(encodeSegment).join('/'), root);
}

/** As in a URL's path; `:` is kept where it cannot be read as a scheme, since content ids are full of them. */
function encodeSegment(segment: string, index: number): string {
  const encoded = encodeURIComponent(segment).replace(/%(?:40|2B|2C|3D|24|26|3B)/g, decodeURIComponent);
  return index === 0 ? encoded : encoded.replaceAll('%3A', ':');
}
