import { isRegistryError } from '../../src/domain/errors.js';
import type { ImageId } from '../../src/domain/image.js';
import { listIn, parsed, textIn } from '../../src/net/json.js';
import { dropContainer, namesIn } from './containers.js';
import { eachOf } from './each-of.js';
import { unavailable, unexpected } from './errors.js';
import { containerFor, type Place } from './places.js';
import type { Swift } from './swift.js';

/** A repeated request may find that the first one did it. */
const GONE = [204, 404];

/** Store.remove of the Swift store: the object, and the segments that it is made of. */
export async function removeImage(swift: Swift, place: Place): Promise<void> {
  const { client, options } = swift;
  const found = await client.expect([200], { method: 'HEAD', target: place });
  const isStatic = found.header('x-static-large-object')?.toLowerCase() === 'true';
  if (isStatic) await removeStatic(swift, place);
  else await client.expect(GONE, { method: 'DELETE', target: place });
  if (isStatic || found.header('x-object-manifest') !== undefined) await removeSegments(swift, place);
  if (options.multiTenant) await dropContainer(swift, place);
}

/** Store.discard of the Swift store. With an account for each project it finds the uploads of this process alone. */
export async function discardImage(swift: Swift, key: ImageId): Promise<void> {
  const { options, running } = swift;
  const place = running.get(key) ?? { container: containerFor(key, options), object: key };
  await removeImage(swift, place).catch((error: unknown) => {
    if (!isRegistryError(error, 'not-found')) throw error;
  });
  await removeSegments(swift, place);
}

/** Everything in the image's container whose name begins with its id and a hyphen: segments of ours, and of Glance. */
async function removeSegments(swift: Swift, place: Place): Promise<void> {
  const { object, ...container } = place;
  for await (const names of namesIn(swift, container, `${object}-`)) {
    await eachOf(names, (name) => swift.client.expect(GONE, { method: 'DELETE', target: { ...place, object: name } }));
  }
}

/** The manifest knows its segments better than a listing that may lag. The answer tells in its body how it went. */
async function removeStatic({ client }: Swift, place: Place): Promise<void> {
  const answer = await client.send({
    method: 'DELETE',
    target: place,
    query: { 'multipart-manifest': 'delete' },
    headers: { accept: 'application/json' },
  });
  if (answer.status !== 200) {
    await answer.drop();
    if (answer.status === 404) return;
    throw unexpected(answer.status);
  }
  const report = parsed(await answer.text());
  const status = Number.parseInt(textIn(report, 'Response Status') ?? '', 10);
  const [failed] = listIn(report, 'Errors').map((entry) => Number.parseInt(String(listIn(entry)[1] ?? ''), 10));
  if ((status === 200 || status === 404) && failed === undefined) return;
  throw failed ? unexpected(failed) : unavailable('The image storage media removed only a part of the image.');
}
