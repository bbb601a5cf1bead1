import { unavailable } from './errors.js';
import type { Place } from './places.js';
import type { Swift } from './swift.js';

/** Names asked for at once. */
const PAGE = 1000;

/** Sees to it that the container of a new image is there. Throws storage-unavailable when it is not and may not be made. */
export async function provideContainer(swift: Swift, { account, container }: Place): Promise<void> {
  const { client, options, containers } = swift;
  const name = containerName({ account, container });
  if (containers.has(name)) return;
  const target = { ...(account === undefined ? {} : { account }), container };
  const found = await client.expect([200, 204, 404], { method: 'HEAD', target });
  if (found.status === 404) {
    if (!options.createContainer && !options.multiTenant) {
      throw unavailable(
        'The container of the image storage media does not exist, and swift_store_create_container_on_put is off.',
      );
    }
    await client.expect([201, 202], { method: 'PUT', target, headers: headersOfNew(swift) });
  }
  containers.add(name);
}

/** Another try looks at the container again. */
export function forgetContainer({ containers }: Swift, place: Place): void {
  containers.delete(containerName(place));
}

/** A container of one image goes with the image. One with other objects in it stays. */
export async function dropContainer(swift: Swift, place: Place): Promise<void> {
  const { account, container } = place;
  forgetContainer(swift, place);
  const target = { ...(account === undefined ? {} : { account }), container };
  await swift.client.expect([204, 404, 409], { method: 'DELETE', target });
}

/** The names in a container, or of the containers of the account, that begin with a prefix, by pages in order; none where there is no container. */
export async function* namesIn(
  { client }: Swift,
  target: { readonly account?: string; readonly container?: string },
  prefix: string,
): AsyncGenerator<readonly string[], void, undefined> {
  for (let marker = ''; ; ) {
    const query = { format: 'plain', limit: String(PAGE), prefix, marker };
    const answer = await client.send({ method: 'GET', target, query });
    if (answer.status !== 200) {
      await answer.drop();
      if (answer.status === 204 || answer.status === 404) return;
      throw unavailable(`The image storage media answered a listing with status ${answer.status}.`);
    }
    const names = (await answer.text()).split('\n').filter((name) => name !== '');
    const last = names.at(-1);
    if (last === undefined) return;
    yield names;
    marker = last;
  }
}

/** Projects named by swift_store_admin_tenants may read what lies in the accounts of others. */
function headersOfNew({ options }: Swift): Record<string, string> {
  const readers = options.adminTenants.map((tenant) => `${tenant}:*`);
  return {
    ...(options.multiTenant && readers.length > 0 ? { 'x-container-read': readers.join(',') } : {}),
    ...(options.tempUrlKey === undefined ? {} : { 'x-container-meta-temp-url-key': options.tempUrlKey }),
  };
}

function containerName({
  account = '',
  container,
}: {
  readonly account?: string | undefined;
  readonly container: string;
}): string {
  return `${account}/${container}`;
}
