import type { Image } from '../../domain/image.js';
import { shownUrl } from '../../domain/location.js';
import { imageHeaders, presentBrief, presentImage } from './present.js';

/** Where two documents of API v1 differ: what Glance did, and what the API's first manual says (docs/v1-dialects.md). */
export interface Dialect {
  readonly manual: boolean;
  /** An image in an index, in details, in answers to POST and PUT. `base` is the address of the API without a slash at its end. */
  brief(image: Image, base: string): object;
  detail(image: Image, base: string): object;
  headers(image: Image, base: string): Iterable<readonly [string, string]>;
  /** A property's name as it is stored. */
  propertyName(name: string): string;
}

/** What Glance 16 does, the last release with API v1. */
export const currentDialect: Dialect = {
  manual: false,
  brief: presentBrief,
  detail: presentImage,
  headers: (image) => imageHeaders(image),
  propertyName: (name) => name,
};

function uriOf(image: Image, base: string): string {
  return `${base}/images/${image.id}`;
}

/** Where the bytes are, for other services to fetch; without its credentials. */
function locationOf(image: Image): string | null {
  const [location] = image.locations;
  return location === undefined ? null : shownUrl(location);
}

/** The manual of 2011: `uri` and `location` are shown, nulls are empty headers, names of properties have no punctuation. */
export const manualDialect: Dialect = {
  manual: true,
  brief: (image, base) => ({ uri: uriOf(image, base), ...presentBrief(image) }),
  detail: (image, base) => ({ uri: uriOf(image, base), location: locationOf(image), ...presentImage(image) }),
  *headers(image, base) {
    yield ['x-image-meta-uri', uriOf(image, base)];
    yield ['x-image-meta-location', locationOf(image) ?? ''];
    yield* imageHeaders(image, 'empty');
  },
  propertyName: (name) => name.replace(/[^\p{L}\p{N}_]/gu, '_'),
};
