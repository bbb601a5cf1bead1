import type { RepositoryView } from '../repository-view.js';

/** A path of the repository as a link from its root. The dot in front keeps a name like `a:b` from being a scheme. */
export function linkTo(path: string): string {
  return `./${encodePath(path)}`;
}

/** A path as part of a URL. */
export function encodePath(path: string): string {
  return path.split('/').map(encodeSegment).join('/');
}

function encodeSegment(segment: string): string {
  return encodeURIComponent(segment.toWellFormed()).replace(/%(40|3A|2B|24|2C)/g, (code) => decodeURIComponent(code));
}

/** Where the repository is served, with a slash at its end; undefined when nobody said so, or what was said is no address. */
export function baseOf({ baseUrl }: RepositoryView): string | undefined {
  if (baseUrl === undefined || !URL.canParse(baseUrl)) return undefined;
  const { protocol, href } = new URL(baseUrl);
  if (!['http:', 'https:', 'ftp:'].includes(protocol)) return undefined;
  return href.endsWith('/') ? href : `${href}/`;
}

/** A file's name without its folders. */
export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
