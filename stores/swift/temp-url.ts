import { createHmac } from 'node:crypto';
import { urlTo } from './client.js';
import type { Place } from './places.js';
import type { Swift } from './swift.js';

/** The strongest first, but SHA-256 is what every cluster that has a choice takes. */
const DIGESTS = ['sha256', 'sha512', 'sha1'];

/**
 * Store.signedUrl of the Swift store: a URL that Swift's tempurl takes for GET and HEAD. Undefined without swift_store_temp_url_key, which must be the key
 * of the account or of the container; containers that this store makes have it.
 */
export async function tempUrl(swift: Swift, place: Place, seconds: number): Promise<string | undefined> {
  const { tempUrlKey } = swift.options;
  if (tempUrlKey === undefined) return undefined;
  const { tempUrlDigests } = await swift.capabilities();
  const digest = DIGESTS.find((name) => tempUrlDigests.includes(name));
  if (digest === undefined) return undefined;
  const url = new URL(urlTo(place, await swift.client.session()));
  const expires = Math.floor(Date.now() / 1000) + seconds;
  const signed = `GET\n${expires}\n${decodeURIComponent(url.pathname)}`;
  const signature = createHmac(digest, tempUrlKey).update(signed).digest('hex');
  url.search = new URLSearchParams({ temp_url_sig: signature, temp_url_expires: String(expires) }).toString();
  return url.href;
}
