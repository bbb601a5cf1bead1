import { RegistryError } from '../../src/domain/errors.js';
import { type ImageId, isImageId } from '../../src/domain/image.js';
import type { Location } from '../../src/domain/location.js';
import { isAws } from './options.js';

/** Where a store keeps its objects: `host[:port]` of the service, whether it is spoken to by TLS, and the bucket. */
export interface Place {
  readonly host: string;
  readonly secure: boolean;
  readonly bucket: string;
}

/**
 * Older servers wrote `s3://access-key:secret@host/bucket/key`, with any character in the secret: everything up to the last `@`
 * is passed over. The host may be written as a URL of its own.
 */
const URL_FORM = /^s3(?:\+https?)?:\/\/(?:.*@)?(?:https?:\/\/)?([^/@\s]+)\/([^/@\s]+)\/([^/@\s]+)$/i;

/** The name of an image's object: its id, nothing else. Throws invalid for anything that is not a UUID. */
export function objectName(key: ImageId): string {
  if (!isImageId(key)) throw new RegistryError('invalid', 'An image is stored under a UUID only.');
  return key;
}

/** The schemes of this place's locations, the one that is written first. */
export function schemesOf({ secure }: Place): readonly string[] {
  return secure ? ['s3+https', 's3+http', 's3'] : ['s3+http', 's3+https', 's3'];
}

/** Glance's form, without credentials. */
export function urlOf(place: Place, key: ImageId): string {
  return `s3+http${place.secure ? 's' : ''}://${place.host}/${place.bucket}/${key}`;
}

/** The key that a location names at this place, whatever credentials it carries; undefined when it names another place. */
export function keyIn(place: Place, location: Location): ImageId | undefined {
  const [, host = '', bucket, key = ''] = URL_FORM.exec(location.url) ?? [];
  return bucket === place.bucket && sameService(host, place.host) && isImageId(key) ? key : undefined;
}

/** The key of a location. Throws invalid when it names an object of another place. */
export function keyOf(place: Place, location: Location): ImageId {
  const key = keyIn(place, location);
  if (key === undefined) throw new RegistryError('invalid', 'The location is not one of this S3 store.');
  return key;
}

/** Buckets of AWS have one name space, whichever of its hosts a location was written with. */
function sameService(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase() || (isAws(a) && isAws(b));
}
