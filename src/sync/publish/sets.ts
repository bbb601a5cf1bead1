import type { Encoding } from '../../compression/encoding.js';
import type { Image } from '../../domain/image.js';

/** What a repository offers under one name: which images, how they are packed, and for how long. */
export interface PublishSet {
  readonly name: string;
  /** Middle of its content id in simplestreams. */
  readonly channel: string;
  /** At least one. The first is the one that `.properties` files name; the others are further files beside it. */
  readonly encodings: readonly Encoding[];
  /** Whether the tag `publish:<name>` brings an image in, whatever its visibility. Anybody may tag images of their own. */
  readonly tagged: boolean;
  /** Whether hidden images are taken. */
  readonly hidden: boolean;
  readonly retention: Retention;
  /** Whether it wants an image that may be published. */
  selects(image: Image): boolean;
}

/** Which versions of a product leave: those beyond the newest `keep` that are also older than `days`. Without either none does. */
export interface Retention {
  /** At least 1, which is also what holds where only days are given. */
  readonly keep?: number;
  readonly days?: number;
}

/** What a set may ask of images; all of it must hold. */
export interface Selection {
  /** Globs of which the name must fit one; empty takes all. `*`, `?` and `[...]` as in a shell. */
  readonly names: readonly string[];
  /** Tags that it must have. */
  readonly tags: readonly string[];
  readonly properties: Readonly<Record<string, string>>;
}

/** The question that a selection asks. Throws Error for a glob that is none. */
export function selector({ names, tags, properties }: Selection): (image: Image) => boolean {
  const globs = names.map(globExpression);
  const wanted = Object.entries(properties);
  return (image) =>
    (globs.length === 0 || globs.some((glob) => glob.test(image.name ?? ''))) &&
    tags.every((tag) => image.tags.has(tag)) &&
    wanted.every(([name, value]) => image.properties.get(name) === value);
}

/** The tag by which an owner gives an image to a set that takes those. */
export function tagOf(set: string): string {
  return `publish:${set}`;
}

/** The sets that an image belongs to, in their order. What is neither public nor tagged for the set is in none, whatever the sets say. */
export function setsOf(image: Image, sets: readonly PublishSet[]): readonly PublishSet[] {
  if (image.status !== 'active' || image.deleted) return [];
  return sets.filter((set) => {
    if (image.hidden && !set.hidden) return false;
    const given = set.tagged && image.tags.has(tagOf(set.name));
    return given || (image.visibility === 'public' && set.selects(image));
  });
}

/** The newest first in, those that leave out. */
export function leaving<T>(
  versions: readonly T[],
  { keep, days }: Retention,
  ageInDays: (version: T) => number,
): readonly T[] {
  if (keep === undefined && days === undefined) return [];
  return versions.filter((version, index) => {
    const beyond = index >= (keep ?? 1);
    return beyond && (days === undefined || ageInDays(version) > days);
  });
}

const ESCAPED = /[\\^$.|+(){}]/g;

function globExpression(glob: string): RegExp {
  const source = glob.replace(/\[(!?)([^\]]+)\]|\*|\?|[^*?[]+|\[/g, (piece, not?: string, members?: string) => {
    if (members !== undefined) return `[${not ? '^' : ''}${members.replace(/[\\\]^[]/g, '\\$&')}]`;
    if (piece === '*') return '.*';
    if (piece === '?') return '.';
    if (piece === '[') return '\\[';
    return piece.replace(ESCAPED, '\\$&');
  });
  try {
    return new RegExp(`^${source.replace(/(\.\*)+/g, '.*')}$`, 'su');
  } catch (error) {
    throw new Error(`${JSON.stringify(glob)} is not a pattern of names`, { cause: error });
  }
}
