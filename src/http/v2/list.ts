import { isRegistryError } from '../../domain/errors.js';
import type { Image } from '../../domain/image.js';
import { actorOf, type Context } from '../context.js';
import { fault } from '../fault.js';
import { queryParameters } from '../request-path.js';
import type { Handler } from '../routes.js';
import { imageView, maySee, refuse } from './access.js';
import { sendJson } from './answer.js';
import type { V2Api } from './api.js';
import { listLinks } from './list-links.js';
import { readListQuery } from './list-query.js';
import { presentImage } from './present.js';

async function markerOf(ctx: Context, api: V2Api, id: string | undefined): Promise<Image | undefined> {
  if (id === undefined) return undefined;
  try {
    return await api.images.show(actorOf(ctx), id);
  } catch (error) {
    if (isRegistryError(error, 'not-found')) throw fault(400, `No image found with ID ${id}`);
    throw error;
  }
}

/** `GET /v2/images`: image-api-v2 section 2.2. A page that is full has a next one, though that may be empty. */
export const list: Handler<V2Api> = async (ctx, api) => {
  const actor = actorOf(ctx);
  const parameters = queryParameters(ctx.originalUrl);
  const { markerId, ...query } = readListQuery(parameters, actor, api.listLimits);
  if (!api.policy.allows(actor, 'get_images', { owner: actor.tenant })) throw refuse('get_images');
  const marker = await markerOf(ctx, api, markerId);
  const { items } = await api.images.list(marker === undefined ? query : { ...query, marker });
  const visible = items.filter((image) => maySee(ctx, api, image));
  const full = query.limit > 0 && items.length === query.limit;
  const links = listLinks('/v2/images', parameters, full ? visible.at(-1)?.id : undefined);
  sendJson(ctx, {
    images: visible.map((image) => presentImage(image, imageView(ctx, api, image))),
    ...links,
    schema: '/v2/schemas/images',
  });
};
