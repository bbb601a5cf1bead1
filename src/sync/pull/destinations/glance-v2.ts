import { listIn, parsed, textIn } from '../../../net/json.js';
import { bodyOf } from '../../../stream/body-of.js';
import { isSyncError, SyncError } from '../../sync-error.js';
import type { ImageClient } from '../cloud/image-client.js';
import type { Destination, Draft, FittedDraft, RemoteChange, RemoteImage } from '../destination.js';
import { imageChanges } from './patch-v2.js';
import { nextQueryOfV2, readImageV2 } from './read-v2.js';
import { fitForV2 } from './reserved-names.js';
import { activeOf, WatchedSource } from './uploaded.js';

/** Images of one page; servers that give less at once say where the next page begins all the same. */
const PAGE = 1000;
const IMAGES = '/v2/images';
/** The form of JSON patch in which adding what is there replaces it. */
const PATCH = 'application/openstack-images-v2.1-json-patch';

/** A Glance, or what speaks like one, over its API v2. */
export class GlanceV2 implements Destination {
  readonly api = 'v2';

  constructor(
    private readonly client: ImageClient,
    readonly project: string | undefined,
  ) {}

  fit(draft: Draft): FittedDraft {
    return fitForV2(draft);
  }

  async list(): Promise<readonly RemoteImage[]> {
    const images = new Map<string, RemoteImage>();
    // Servers from before hidden images (2018) take it for the name of a property.
    for (const hidden of ['', '&os_hidden=true']) {
      for await (const image of this.#pages(`limit=${PAGE}${hidden}`)) images.set(image.id, image);
      // Community images are listed for their owners without being asked for; where nobody logs in, nobody owns ours.
      if (this.project !== undefined) continue;
      for (const image of await this.#community(hidden)) if (image.owner === null) images.set(image.id, image);
    }
    return [...images.values()];
  }

  /** None where the server is from before community images (2017). */
  async #community(hidden: string): Promise<readonly RemoteImage[]> {
    const images: RemoteImage[] = [];
    try {
      for await (const image of this.#pages(`limit=${PAGE}${hidden}&visibility=community`)) images.push(image);
    } catch (error) {
      if (!isSyncError(error, 'destination')) throw error;
    }
    return images;
  }

  async create({ name, diskFormat, containerFormat, minDisk, minRam, properties, tags }: Draft): Promise<string> {
    const body = {
      ...Object.fromEntries(properties),
      name,
      disk_format: diskFormat,
      container_format: containerFormat,
      min_disk: minDisk,
      min_ram: minRam,
      tags,
      visibility: 'private',
    };
    const answer = await this.client.expect(`Creating image ${JSON.stringify(name)}`, [201], {
      method: 'POST',
      path: IMAGES,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const id = textIn(parsed(answer.text), 'id');
    if (id === undefined)
      throw new SyncError('destination', `${await this.client.base()} made an image and did not say which.`);
    return id;
  }

  async upload(
    id: string,
    bytes: AsyncIterable<Uint8Array>,
    size: number | undefined,
    signal: AbortSignal,
  ): Promise<RemoteImage> {
    signal.throwIfAborted();
    // A stream cannot be sent again: a token that is no longer taken must be found out before.
    await this.#show(id);
    const source = new WatchedSource(bytes);
    const length = size === undefined ? {} : { 'content-length': String(size) };
    try {
      await this.client.expect(`The upload of image ${id}`, [204], {
        method: 'PUT',
        path: `${pathOf(id)}/file`,
        headers: { 'content-type': 'application/octet-stream', ...length },
        body: bodyOf(source),
        signal,
      });
    } catch (error) {
      throw source.reason(error, signal);
    }
    return activeOf(await this.#show(id));
  }

  async change(id: string, change: RemoteChange): Promise<void> {
    const held = change.unset?.length ? (await this.#show(id)).properties : new Map<string, string>();
    const operations = imageChanges(change, held);
    if (operations.length === 0) return;
    await this.client.expect(`The change of image ${id}`, [200], {
      method: 'PATCH',
      path: pathOf(id),
      headers: { 'content-type': PATCH },
      body: JSON.stringify(operations),
    });
  }

  async remove(id: string): Promise<void> {
    await this.client.expect(`The removal of image ${id}`, [204, 404], { method: 'DELETE', path: pathOf(id) });
  }

  close(): Promise<void> {
    return this.client.close();
  }

  async #show(id: string): Promise<RemoteImage> {
    const answer = await this.client.expect(`The look at image ${id}`, [200], { method: 'GET', path: pathOf(id) });
    return readImageV2(parsed(answer.text));
  }

  /** Of the link to the next page only the query counts: what is asked stays this service, behind whatever prefix it is. */
  async *#pages(first: string): AsyncGenerator<RemoteImage, void, undefined> {
    const asked = new Set<string>();
    for (let query: string | undefined = first; query !== undefined; ) {
      if (asked.has(query))
        throw new SyncError('destination', `The list of ${await this.client.base()} has no end: a page comes again.`);
      asked.add(query);
      const answer = await this.client.expect('The list of images', [200], { method: 'GET', path: IMAGES, query });
      const page = parsed(answer.text);
      for (const image of listIn(page, 'images')) yield readImageV2(image);
      query = nextQueryOfV2(page);
    }
  }
}

function pathOf(id: string): string {
  return `${IMAGES}/${encodeURIComponent(id)}`;
}
