import { digestBytes, type HashAlgorithm } from '../../domain/hash-algorithms.js';
import type { Image } from '../../domain/image.js';
import { fault } from '../fault.js';
import type { LocationBody } from './schemas/create-schemas.js';

/** What a client vouches for of the bytes behind a location, as fields of the image. */
export type Vouched = Pick<Image, 'checksum' | 'hashAlgorithm' | 'hashValue'>;

const FIELDS = { checksum: 'checksum', os_hash_algo: 'hashAlgorithm', os_hash_value: 'hashValue' } as const;
const NAMES = ['checksum', 'os_hash_algo', 'os_hash_value'] as const;

function checkDigest(name: string, value: string, algorithm: HashAlgorithm): void {
  if (!/^([0-9a-f]{2})*$/i.test(value)) throw fault(409, `${name} (${value}) is not a valid hexadecimal value`);
  const size = digestBytes(algorithm);
  if (value.length !== size * 2) {
    throw fault(409, `${name} (${value}) is not the correct size for ${algorithm} (should be ${size} bytes)`);
  }
}

/**
 * The checksums of an image after its client has vouched for those of a location: they fill what is empty while the image is queued, and
 * must agree with what is there. `algorithm` is the server's own. Throws 409 (image-api-v2 section 2.2, locations through PATCH).
 */
export function vouch(
  image: Vouched & Pick<Image, 'status'>,
  data: LocationBody['validation_data'],
  algorithm: HashAlgorithm,
): Partial<Vouched> {
  const given = NAMES.flatMap((name) => {
    const value = data?.[name];
    return value === undefined || value === image[FIELDS[name]] ? [] : [{ name, value, field: FIELDS[name] }];
  });
  if (given.length === 0) return {};
  const taken = given.find(({ field }) => image[field] !== null);
  if (taken !== undefined) throw fault(409, `${taken.name} is already set with a different value`);
  if (image.status !== 'queued') {
    const names = given.map(({ name }) => name).join(', ');
    throw fault(409, `New value(s) for ${names} may only be provided when image status is 'queued'`);
  }
  if (data?.checksum !== undefined) checkDigest('checksum', data.checksum, 'md5');
  if (data !== undefined && data.os_hash_algo !== algorithm) {
    throw fault(409, `os_hash_algo must be ${algorithm}, not ${data.os_hash_algo}`);
  }
  if (data !== undefined) checkDigest('os_hash_value', data.os_hash_value, algorithm);
  return Object.fromEntries(given.map(({ field, value }) => [field, value]));
}
