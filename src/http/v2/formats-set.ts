import type { Image } from '../../domain/image.js';
import { fault } from '../fault.js';

/** An image must have both formats before it has data. Throws 400 (image-api-v2 section 2.3). */
export function requireFormats(image: Pick<Image, 'diskFormat' | 'containerFormat'>): void {
  const missing = [
    ...(image.diskFormat === null ? ['disk_format'] : []),
    ...(image.containerFormat === null ? ['container_format'] : []),
  ];
  if (missing.length === 0) return;
  const what = missing.length === 1 ? 'Property' : 'Properties';
  throw fault(400, `${what} ${missing.join(', ')} must be set prior to saving data.`);
}
