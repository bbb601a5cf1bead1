import { createHash } from 'node:crypto';
import { isRegistryError } from '../../domain/errors.js';
import type { Image } from '../../domain/image.js';
import { refuseForeign } from '../../service/image-service.js';
import type { ClaimedHash } from '../../service/location-import.js';
import { actorOf, type Context } from '../context.js';
import { fault } from '../fault.js';
import { readJson } from '../request-body.js';
import { type Handler, segment } from '../routes.js';
import { authorize, imageView, refuseReadOnly, visibleImage } from './access.js';
import { sendJson } from './answer.js';
import type { V2Api } from './api.js';
import { requireFormats } from './formats-set.js';
import { presentLocation } from './present.js';
import { type LocationRequest, readLocation } from './schemas/location.js';

/** The hash that the client claims, of the length that its algorithm makes. Throws 400. */
function claimedHash({ validation_data: data }: LocationRequest): ClaimedHash | undefined {
  if (data === undefined) return undefined;
  const { os_hash_algo: algorithm, os_hash_value: value } = data;
  if (!/^([0-9a-f]{2})*$/i.test(value)) throw fault(400, `os_hash_value (${value}) is not a valid hexadecimal value`);
  const bytes = createHash(algorithm).digest().length;
  if (value.length !== bytes * 2) {
    throw fault(
      400,
      `os_hash_value: (${value}) is not the correct size for (${algorithm}) (should be (${bytes}) bytes)`,
    );
  }
  return { algorithm, value: value.toLowerCase() };
}

function refuseStatus(image: Image): void {
  if (image.status === 'queued') return;
  throw fault(409, `It's not allowed to add locations if image status is ${image.status}.`);
}

/** Users name places on the web only; what lies in a store may be anybody's, and services know what they name. */
function authorizeUrl(ctx: Context, api: V2Api, url: string): void {
  const { roles } = actorOf(ctx);
  const web = /^https?:\/\//i.test(url) && api.stores.schemes.has('http');
  if (!web && !roles.includes('service')) {
    throw fault(403, 'http store must be enabled to use location API by normal user.');
  }
}

function addFault(error: unknown, url: string): unknown {
  if (isRegistryError(error, 'conflict'))
    return fault(409, "It's not allowed to add locations if image status is importing.");
  if (isRegistryError(error, 'quota')) return fault(413, `Image exceeds the storage quota: ${error.message}`);
  if (isRegistryError(error, 'too-large')) return fault(413, `The incoming image is too large: ${error.message}`);
  // A store says of a source that it cannot reach that it is a bad one.
  const unreachable = isRegistryError(error) && isRegistryError(error.cause, 'storage-unavailable');
  if (isRegistryError(error, 'invalid') && !unreachable)
    return fault(400, `URI for add location does not pass filtering: ${url}`);
  if (isRegistryError(error, 'invalid', 'not-found', 'storage-unavailable', 'storage-denied'))
    return fault(400, 'Invalid location');
  return error;
}

/** `POST /v2/images/{id}/locations`: image-api-v2 section 2.6. The hash is computed, and compared, in the background. */
export const addLocation: Handler<V2Api> = async (ctx, api) => {
  const body = await readJson(ctx.req);
  if (body === undefined) throw fault(400, 'Body expected in request.');
  const request = readLocation(body);
  const claimed = claimedHash(request);
  refuseReadOnly(ctx);
  const image = await visibleImage(ctx, api, segment(ctx, 'id'));
  refuseStatus(image);
  authorize(ctx, api, 'add_image_location', image);
  if (!actorOf(ctx).roles.includes('service')) refuseForeign(actorOf(ctx), image);
  authorizeUrl(ctx, api, request.url);
  requireFormats(image);
  try {
    api.sources.check(request.url, actorOf(ctx));
    await api.locationImport.add(image, request.url, claimed, request.delivery ?? null);
  } catch (error) {
    throw addFault(error, request.url);
  }
  ctx.status = 202;
  // Without a body of its own koa would write one.
  ctx.body = '';
};

/** `GET /v2/images/{id}/locations`: a bare list, whatever the `show_…` options say. */
export const listLocations: Handler<V2Api> = async (ctx, api) => {
  const image = await visibleImage(ctx, api, segment(ctx, 'id'));
  authorize(ctx, api, 'fetch_image_location', image);
  const active = api.stores.inOrder(image.locations.filter(({ status }) => status === 'active'));
  const view = imageView(ctx, api, image);
  sendJson(
    ctx,
    active.map((location) => presentLocation(location, view)),
  );
};
