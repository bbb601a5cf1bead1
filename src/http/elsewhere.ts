import type { Image } from '../domain/image.js';
import type { Elsewhere } from '../service/delivery.js';
import type { Context } from './context.js';

/** RFC 9530's names of digests. */
const REPRESENTATION: Readonly<Record<string, string>> = { sha256: 'sha-256', sha512: 'sha-512' };

/** What the bytes must be, for who gets them from somewhere else. */
function setDigests(ctx: Context, { checksum, hashAlgorithm, hashValue }: Image): void {
  if (checksum !== null && /^[0-9a-f]+$/i.test(checksum)) ctx.set('Content-MD5', checksum);
  if (hashAlgorithm === null || hashValue === null) return;
  const name = REPRESENTATION[hashAlgorithm];
  if (name !== undefined) ctx.set('Repr-Digest', `${name}=:${Buffer.from(hashValue, 'hex').toString('base64')}:`);
  ctx.set(`X-Image-${hashAlgorithm.replace(/^s/, 'S').replace(/^m/, 'M')}`, hashValue);
}

/**
 * Sets the headers that send a reader to the bytes, and gives the status: 302, which is what Glance's own clients follow (sync-and-manager section 5.3),
 * or 200 for the web server in front, which then answers ranges by itself.
 */
export function sendElsewhere(ctx: Context, image: Image, elsewhere: Elsewhere, accelPrefix = ''): 200 | 302 {
  setDigests(ctx, image);
  if (elsewhere.kind === 'file') {
    ctx.set('X-Accel-Redirect', `${accelPrefix}${encodeURI(elsewhere.path)}`);
    return 200;
  }
  ctx.set('Location', elsewhere.url);
  // A signed URL ends, and another reader may be sent another way.
  ctx.set('Cache-Control', 'no-store');
  return 302;
}
