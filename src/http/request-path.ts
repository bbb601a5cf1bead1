import { fault } from './fault.js';

const UNDECODABLE =
  'Error decoding your request. Either the URL or the request body contained characters that could not be decoded by Glance';

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw fault(400, UNDECODABLE);
  }
}

/**
 * Segments of a request path, percent-decoded before they are split, as Glance's gateway does: an encoded slash separates.
 * Throws 400 for what is not UTF-8.
 */
export function pathSegments(url: string): string[] {
  const [path = ''] = url.replace(/^https?:\/\/[^/?]*/i, '').split('?', 1);
  return decode(path).replace(/^\/+/, '').split('/');
}

/** Segments as a path for the router, which decodes each once more. */
export function routerPath(segments: readonly string[]): string {
  return `/${segments.map((segment) => encodeURIComponent(segment.toWellFormed())).join('/')}`;
}

/** Query parameters in the order of the request, percent-decoded; `+` is a blank. Throws 400 for what is not UTF-8. */
export function queryParameters(url: string): [string, string][] {
  const start = url.indexOf('?');
  if (start < 0) return [];
  return url
    .slice(start + 1)
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const [name = '', ...value] = pair.replace(/\+/g, ' ').split('=');
      return [decode(name), decode(value.join('='))];
    });
}
