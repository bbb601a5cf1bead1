import { isRegistryError } from '../../domain/errors.js';
import type { Image } from '../../domain/image.js';
import type { ImageQuery } from '../../domain/ports/images.js';
import { actorOf, type Context } from '../context.js';
import type { ListRequest } from '../list-request.js';
import { queryParameters } from '../request-path.js';
import type { Handler } from '../routes.js';
import { baseUrl, sendJson } from './answer.js';
import type { V1Api } from './api.js';
import { readListQuery } from './list-query.js';
import { shownTo } from './property-rights.js';
import { quotedExplanation } from './registry-text.js';

async function markerOf(ctx: Context, api: V1Api, request: ListRequest): Promise<Image | undefined> {
  if (request.markerId === undefined) return undefined;
  try {
    return await api.images.showAny(actorOf(ctx), request.markerId);
  } catch (error) {
    if (isRegistryError(error, 'not-found')) throw quotedExplanation(400, 'Invalid marker. Image could not be found.');
    throw error;
  }
}

async function page(ctx: Context, api: V1Api): Promise<readonly Image[]> {
  const actor = actorOf(ctx);
  api.policy.enforce(actor, 'get_images');
  const request = readListQuery(queryParameters(ctx.originalUrl), actor, api.listLimits);
  const { markerId: _, ...query } = request;
  const marker = await markerOf(ctx, api, request);
  const whole: ImageQuery = marker === undefined ? query : { ...query, marker };
  return (await api.images.list(whole)).items;
}

/** `GET /v1/images`: image-api-v1 section 1.3. */
export const index: Handler<V1Api> = async (ctx, api) => {
  const base = baseUrl(ctx, api);
  sendJson(ctx, { images: (await page(ctx, api)).map((image) => api.dialect.brief(image, base)) });
};

/** `GET /v1/images/detail`: image-api-v1 section 1.4. */
export const detail: Handler<V1Api> = async (ctx, api) => {
  const base = baseUrl(ctx, api);
  const images = (await page(ctx, api)).map((image) => shownTo(actorOf(ctx), api.protections, image));
  sendJson(ctx, { images: images.map((image) => api.dialect.detail(image, base)) });
};
