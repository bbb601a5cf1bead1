import type { Encoding } from '../../compression/encoding.js';
import type { Image } from '../../domain/image.js';
import { dayOf, folderOf, lineOf, type Product, productOf, shortId } from './naming.js';
import { leaving, type PublishSet, type Retention, setsOf } from './sets.js';
import { isContainerPart } from './streams-origin.js';

/** An image that is to be published, and as what. */
export interface Candidate {
  readonly image: Image;
  readonly sets: readonly PublishSet[];
  /** At least one, each once; the first is the one that its sidecar names. */
  readonly encodings: readonly Encoding[];
  readonly product: Product;
  readonly folder: string;
  /** `YYYYMMDD` */
  readonly day: string;
}

export interface Choice {
  readonly candidates: readonly Candidate[];
  /** Which names the versions of each product have, with those of this choice. */
  readonly lines: ReadonlyMap<string, string>;
}

export interface ChoiceRules {
  readonly sets: readonly PublishSet[];
  /** As remembered. */
  readonly lines: ReadonlyMap<string, string>;
  readonly now: Date;
}

/** Chooses from a snapshot what is published in which sets. The oldest image has the first claim on a name. */
export function choose(images: readonly Image[], { sets, lines, now }: ChoiceRules): Choice {
  const claims = new Map(lines);
  const found = images
    .map((image) => ({ image, sets: setsOf(image, sets) }))
    .filter((each) => each.sets.length > 0)
    .sort((a, b) => a.image.createdAt - b.image.createdAt || (a.image.id < b.image.id ? -1 : 1))
    .map((each) => ({ ...each, ...claimProduct(each.image, claims), day: dayOf(each.image) }));
  const kept = withoutLeaving(found, sets, now);
  return {
    candidates: kept.map((each) => ({ ...each, encodings: encodingsOf(each.image, each.sets) })),
    lines: claims,
  };
}

/** Images of one name are versions of one product; one of another name that would make the same paths gets a short id. */
function claimProduct(image: Image, claims: Map<string, string>): { product: Product; folder: string } {
  const line = lineOf(image.name ?? '');
  const product = productOf(image);
  const folder = folderOf(product);
  const holder = claims.get(folder);
  if (holder === undefined) claims.set(folder, line);
  if (holder === undefined || holder === line) return { product, folder };
  const own = { ...product, variant: `${product.variant}-${shortId(line)}` };
  return { product: own, folder: folderOf(own) };
}

type Found = Omit<Candidate, 'encodings'>;

/** Takes from each set the versions that its rules let go. */
function withoutLeaving(found: readonly Found[], sets: readonly PublishSet[], now: Date): readonly Found[] {
  const gone = new Map(sets.map((set) => [set, leavingOf(found, set, now)]));
  return found
    .map((each) => ({ ...each, sets: each.sets.filter((set) => !gone.get(set)?.has(each)) }))
    .filter((each) => each.sets.length > 0);
}

function leavingOf(found: readonly Found[], set: PublishSet, now: Date): ReadonlySet<Found> {
  const inSet = found.filter((each) => each.sets.includes(set));
  return new Set(leavingVersions(inSet, set.retention, now));
}

/** Of versions of any products those that a rule lets go. */
export function leavingVersions<T extends Pick<Candidate, 'folder' | 'day' | 'image'>>(
  versions: readonly T[],
  retention: Retention,
  now: Date,
): readonly T[] {
  const products = new Map<string, T[]>();
  for (const version of versions) {
    const group = products.get(version.folder);
    if (group) group.push(version);
    else products.set(version.folder, [version]);
  }
  return [...products.values()].flatMap((group) => {
    const newestFirst = group.sort((a, b) =>
      a.day < b.day ? 1 : a.day > b.day ? -1 : b.image.createdAt - a.image.createdAt,
    );
    return leaving(newestFirst, retention, ({ day }) => ageInDays(day, now));
  });
}

function ageInDays(day: string, now: Date): number {
  const time = Date.parse(`${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6)}`);
  return (now.getTime() - time) / 86_400_000;
}

/** What containers are made of is packed already, and their clients take it as it is. */
function encodingsOf(image: Image, sets: readonly PublishSet[]): readonly Encoding[] {
  if (isContainerPart(image)) return ['none'];
  return [...new Set(sets.flatMap(({ encodings }) => encodings))];
}
