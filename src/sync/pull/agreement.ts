import type { RemoteImage } from './destination.js';
import { announcedSize, imageDigests, type SourceEntry } from './source-entry.js';

/** Whether an image at the destination has the bytes of an entry: the weakest hash that differs is enough to say no. */
export type Agreement = 'same' | 'differs' | 'unknown';

export function agreement(entry: SourceEntry, image: RemoteImage): Agreement {
  const size = announcedSize(entry);
  if (size !== undefined && image.size !== null && image.size !== size) return 'differs';
  const wanted = imageDigests(entry);
  const found: readonly (readonly [string | null, string | null])[] = [
    ['md5', image.checksum],
    [image.hashAlgorithm, image.hashValue],
  ];
  const compared = found.flatMap(([algorithm, value]) => {
    const expected = algorithm === null ? undefined : wanted.get(algorithm);
    return expected === undefined || value === null ? [] : [expected === value.toLowerCase()];
  });
  if (compared.length === 0) return 'unknown';
  return compared.every((equal) => equal) ? 'same' : 'differs';
}
