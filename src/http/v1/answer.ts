import type { Image } from '../../domain/image.js';
import { actorOf, type Context } from '../context.js';
import { originOf } from '../origin.js';
import { pythonJson } from '../python-json.js';
import { encodeHeader } from '../text-header.js';
import type { V1Api } from './api.js';
import { shownTo } from './property-rights.js';

/** The address of the API as the client sees it, without a slash at its end. */
export function baseUrl(ctx: Context, api: V1Api): string {
  return api.dialect.manual ? originOf(ctx) : `${originOf(ctx)}/v1`;
}

export function sendJson(ctx: Context, value: object, status = 200): void {
  ctx.status = status;
  ctx.set('Content-Type', 'application/json');
  ctx.body = pythonJson(value);
}

export function setEtag(ctx: Context, image: Image): void {
  // The bare checksum, without quotes: what Nova and Horizon compare (image-api-v1 section 8.11).
  if (image.checksum !== null) ctx.set('ETag', encodeHeader(image.checksum));
}

/** An image as the body of an answer to POST or PUT, without what the actor may not read. */
export function sendImage(ctx: Context, api: V1Api, image: Image, status: 200 | 201): void {
  setEtag(ctx, image);
  sendJson(
    ctx,
    { image: api.dialect.detail(shownTo(actorOf(ctx), api.protections, image), baseUrl(ctx, api)) },
    status,
  );
}
