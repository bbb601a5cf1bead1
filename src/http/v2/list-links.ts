/** As Python's urlencode writes them: what clients have always been sent back. */
function encode(text: string): string {
  return encodeURIComponent(text.toWellFormed())
    .replace(/[!'()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+');
}

function link(path: string, parameters: readonly (readonly [string, string])[]): string {
  if (parameters.length === 0) return path;
  return `${path}?${parameters.map(([name, value]) => `${encode(name)}=${encode(value)}`).join('&')}`;
}

export interface ListLinks {
  readonly first: string;
  readonly next?: string;
}

/**
 * The links of a page: relative, the request's parameters in their order, repeated ones too (image-api-v2 section 2.2).
 * `last`: what the next page begins after; undefined when there is no further page.
 */
export function listLinks(
  path: string,
  parameters: readonly (readonly [string, string])[],
  last: string | undefined,
): ListLinks {
  const others = parameters.filter(([name]) => name !== 'marker');
  const first = link(path, others);
  return last === undefined ? { first } : { first, next: link(path, [...others, ['marker', last]]) };
}
