import { randomBytes } from 'node:crypto';
import { isRegistryError, RegistryError } from '../../src/domain/errors.js';
import { type ImageId, isImageId } from '../../src/domain/image.js';
import type { PutHint, Stored } from '../../src/domain/ports/store.js';
import { forgetContainer, provideContainer } from './containers.js';
import { duplicate, unavailable } from './errors.js';
import { type Place, urlOf } from './places.js';
import { Source } from './source.js';
import { newPlace, type Swift } from './swift.js';
import { Upload } from './upload.js';

/** Store.put of the Swift store: one object, or segments and then the manifest that makes them one. */
export async function putImage(
  swift: Swift,
  key: ImageId,
  bytes: AsyncIterable<Uint8Array>,
  hint: PutHint,
): Promise<Stored> {
  const { signal, size } = hint;
  signal.throwIfAborted();
  if (!isImageId(key)) throw new RegistryError('invalid', 'An image is stored under a UUID only.');
  const place = await newPlace(swift, key, hint.owner);
  // Of two uploads that begin at once Swift lets both pass its own test.
  if (swift.running.has(key)) throw duplicate(key);
  swift.running.set(key, place);
  const source = new Source(bytes, size, signal);
  const upload = new Upload(swift, place, randomBytes(4).toString('hex'), source, signal);
  try {
    await makeReady(swift, key, place, signal);
    const inOne = (await source.ended()) || (size !== undefined && size < swift.options.largeObjectBytes);
    await (inOne ? upload.whole() : upload.segmented());
    signal.throwIfAborted();
    return { url: urlOf(place, swift.options, (await swift.client.session()).storageUrl), size: source.size };
  } catch (error) {
    // Of a container that is gone one may see no more than a broken connection: the next upload looks at it again.
    forgetContainer(swift, place);
    await upload.undo();
    throw source.failure ? source.failure.error : signal.aborted ? signal.reason : asPutError(error);
  } finally {
    swift.running.delete(key);
    await source.close();
  }
}

/** Everything that can be asked before bytes flow: a request with a body that streams cannot be repeated. It also replaces a token that has been revoked. */
async function makeReady(swift: Swift, key: ImageId, place: Place, signal: AbortSignal): Promise<void> {
  const found = await swift.client.expect([200, 404], { method: 'HEAD', target: place, signal });
  if (found.status === 200) throw duplicate(key);
  await provideContainer(swift, place);
}

/** A container that is gone or going is an outage to this upload. */
function asPutError(error: unknown): unknown {
  if (!isRegistryError(error, 'not-found', 'in-use')) return error;
  return unavailable('The container of the image storage media does not exist.', error);
}
