/** What names may be made of in a repository (clause 2.3), as long as they begin with no dot: work files and what climbs do. */
const NAME = /^(?!\.)[A-Za-z0-9._+~:@%-]+$/;

const LONGEST = 1024;

/** What a request asks of the repository below a prefix. */
export type Asked =
  /** It is none of the repository's. */
  | { readonly for: 'elsewhere' }
  /** The prefix itself, without a slash. */
  | { readonly for: 'prefix' }
  /** A path from the root of the repository; '' is the root. */
  | { readonly for: 'file'; readonly path: string }
  /** Something below the prefix that cannot be there, whatever is. */
  | { readonly for: 'nothing' };

/**
 * Reads a request's target. Each segment is decoded once and must be a name by itself: an encoded separator, a byte that is no text,
 * a dot in front or a segment that is empty name nothing, in whatever way they are written.
 */
export function askedOf(target: string, prefix: string): Asked {
  const [path = ''] = target.replace(/^https?:\/\/[^/?]*/i, '').split('?', 1);
  if (path === prefix) return { for: 'prefix' };
  if (!path.startsWith(`${prefix}/`)) return { for: 'elsewhere' };
  const rest = path.slice(prefix.length + 1);
  if (rest === '') return { for: 'file', path: '' };
  const segments = rest.length > LONGEST * 3 ? [] : rest.split('/').map(decoded);
  const names = segments.flatMap((segment) => (segment !== undefined && NAME.test(segment) ? [segment] : []));
  const whole = names.join('/');
  if (names.length === 0 || names.length < segments.length || whole.length > LONGEST) return { for: 'nothing' };
  return { for: 'file', path: whole };
}

function decoded(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}
