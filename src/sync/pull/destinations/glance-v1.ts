import { inside, listIn, parsed } from '../../../net/json.js';
import { bodyOf } from '../../../stream/body-of.js';
import { SyncError } from '../../sync-error.js';
import type { ImageClient } from '../cloud/image-client.js';
import type { Destination, Draft, FittedDraft, RemoteChange, RemoteImage } from '../destination.js';
import { fitForV1 } from './fit-v1.js';
import { headersOfChange, headersOfDraft, propertyHeaders, readImageV1 } from './headers-v1.js';
import { activeOf, WatchedSource } from './uploaded.js';

const PAGE = 1000;
const IMAGES = '/v1/images';
/** Whether properties that a request does not name are removed: they are, where nothing is said. */
const PURGE = 'x-glance-registry-purge-props';

/** A Glance from before API v2, or one that offers only API v1. */
export class GlanceV1 implements Destination {
  readonly api = 'v1';

  constructor(
    private readonly client: ImageClient,
    readonly project: string | undefined,
  ) {}

  fit(draft: Draft): FittedDraft {
    return fitForV1(draft);
  }

  async list(): Promise<readonly RemoteImage[]> {
    const images = new Map<string, RemoteImage>();
    for (let marker = ''; ; ) {
      // An administrator sees the private images of others with is_public=None alone; to others it says nothing.
      const query = `is_public=None&limit=${PAGE}${marker && `&marker=${encodeURIComponent(marker)}`}`;
      const answer = await this.client.expect('The list of images', [200], {
        method: 'GET',
        path: `${IMAGES}/detail`,
        query,
      });
      const page = listIn(parsed(answer.text), 'images').map(readImageV1);
      const last = page.at(-1);
      // How many images a page may have is the server's to say: only an empty one is the end.
      if (last === undefined) return [...images.values()];
      if (images.has(last.id))
        throw new SyncError('destination', `The list of ${await this.client.base()} has no end: a page comes again.`);
      for (const image of page) images.set(image.id, image);
      marker = last.id;
    }
  }

  async create(draft: Draft): Promise<string> {
    const answer = await this.client.expect(`Creating image ${JSON.stringify(draft.name)}`, [201], {
      method: 'POST',
      path: IMAGES,
      headers: headersOfDraft(draft),
    });
    return readImageV1(inside(parsed(answer.text), 'image')).id;
  }

  async upload(
    id: string,
    bytes: AsyncIterable<Uint8Array>,
    size: number | undefined,
    signal: AbortSignal,
  ): Promise<RemoteImage> {
    signal.throwIfAborted();
    // A stream cannot be sent again: a token that is no longer taken must be found out before.
    await this.client.expect(`The look at image ${id}`, [200], { method: 'HEAD', path: pathOf(id) });
    const source = new WatchedSource(bytes);
    const length = size === undefined ? {} : { 'content-length': String(size) };
    try {
      const answer = await this.client.expect(`The upload of image ${id}`, [200], {
        method: 'PUT',
        path: pathOf(id),
        headers: { 'content-type': 'application/octet-stream', [PURGE]: 'False', ...length },
        body: bodyOf(source),
        signal,
      });
      return activeOf(readImageV1(inside(parsed(answer.text), 'image')));
    } catch (error) {
      throw source.reason(error, signal);
    }
  }

  async change(id: string, change: RemoteChange): Promise<void> {
    const headers = headersOfChange(change);
    const { unset = [], set = new Map() } = change;
    if (unset.length === 0) {
      if (Object.keys(headers).length > 0) await this.#put(id, { ...headers, [PURGE]: 'False' });
      return;
    }
    // Properties go when a request names those that stay; what is there is shown whole only in the answer to a change.
    const { properties } = await this.#put(id, { ...propertyHeaders(set), [PURGE]: 'False' });
    const kept = [...properties].filter(([name]) => set.has(name) || !unset.includes(name));
    await this.#put(id, { ...propertyHeaders(new Map(kept)), ...headers, [PURGE]: 'True' });
  }

  async remove(id: string): Promise<void> {
    await this.client.expect(`The removal of image ${id}`, [200, 204, 404], { method: 'DELETE', path: pathOf(id) });
  }

  close(): Promise<void> {
    return this.client.close();
  }

  async #put(id: string, headers: Readonly<Record<string, string>>): Promise<RemoteImage> {
    const request = { method: 'PUT', path: pathOf(id), headers } as const;
    const answer = await this.client.expect(`The change of image ${id}`, [200], request);
    return readImageV1(inside(parsed(answer.text), 'image'));
  }
}

function pathOf(id: string): string {
  return `${IMAGES}/${encodeURIComponent(id)}`;
}
