import { isRegistryError } from '../../domain/errors.js';
import type { Image } from '../../domain/image.js';
import type { ByteRange, Opened } from '../../domain/ports/store.js';
import { knownSize, type Reading } from '../../service/locations.js';
import { parseRange, parseRequestContentRange } from '../byte-range.js';
import { downloadSignal } from '../client-gone.js';
import { actorOf, type Context, headerOf } from '../context.js';
import { sendElsewhere } from '../elsewhere.js';
import { fault } from '../fault.js';
import { readerOf } from '../reader.js';
import { queryParameters } from '../request-path.js';
import { type Handler, segment } from '../routes.js';
import { send } from '../send.js';
import { encodeHeader } from '../text-header.js';
import { authorize, visibleImage } from './access.js';
import type { V2Api } from './api.js';

async function downloadable(ctx: Context, api: V2Api): Promise<Image> {
  const image = await visibleImage(ctx, api, segment(ctx, 'id'));
  authorize(ctx, api, 'download_image', image);
  if (image.status === 'deactivated' && !actorOf(ctx).isAdmin) {
    throw fault(403, 'The requested image has been deactivated. Image data download is forbidden.');
  }
  return image;
}

/** A strong validator: the bytes of an image never change under the same checksum. */
function etagOf(image: Image): string | undefined {
  return image.checksum === null ? undefined : `"${image.checksum}"`;
}

function isNotModified(ctx: Context, etag: string | undefined): boolean {
  const header = headerOf(ctx.req, 'if-none-match');
  if (header === undefined || etag === undefined) return false;
  return header.split(',').some((tag) => tag.trim() === '*' || tag.trim().replace(/^W\//, '') === etag);
}

/** The range that the client asks for, unless it only wants one of other bytes (`If-Range`). */
function rangeOf(ctx: Context, size: number, etag: string | undefined): ByteRange | undefined {
  const range = headerOf(ctx.req, 'range');
  const condition = headerOf(ctx.req, 'if-range');
  if (range !== undefined && (condition === undefined || condition.trim() === etag)) return parseRange(range, size);
  const legacy = headerOf(ctx.req, 'content-range');
  return range === undefined && legacy !== undefined ? parseRequestContentRange(legacy, size) : undefined;
}

/** Ends the answer without a body; koa would make a 204 of it. */
function sendHead(ctx: Context): void {
  ctx.respond = false;
  ctx.res.end();
}

function empty(ctx: Context, status: 204 | 304): void {
  ctx.status = status;
  ctx.body = null;
}

/** Gives the bytes that the answer announces; undefined where nobody knows, and its end shows how many there are. */
function setHeaders(
  ctx: Context,
  image: Image,
  size: number | undefined,
  range: ByteRange | undefined,
): number | undefined {
  const length = range === undefined ? size : range.end - range.start + 1;
  ctx.status = range === undefined ? 200 : 206;
  ctx.set('Content-Type', 'application/octet-stream');
  if (length !== undefined) ctx.set('Content-Length', String(length));
  ctx.set('Accept-Ranges', 'bytes');
  // Hex, not base64, and of the whole image even for a part: clients compare it with `checksum`.
  if (image.checksum !== null) ctx.set('Content-MD5', encodeHeader(image.checksum));
  if (range !== undefined) ctx.set('Content-Range', `bytes ${range.start}-${range.end}/${size}`);
  return length;
}

/**
 * The stores that the client would rather read from (`?prefer=s1,s2`); the others follow.
 * Throws 403 for whom the policy forbids to choose, 400 where there is no choice.
 */
function preferredStores(ctx: Context, api: V2Api, image: Image): readonly string[] {
  const text = new Map(queryParameters(ctx.originalUrl)).get('prefer');
  if (text === undefined) return [];
  authorize(ctx, api, 'download_from_store', image);
  if (!api.stores.several) {
    throw fault(400, 'Store selection for download is not available when multiple backends are not enabled.');
  }
  const names = text.split(',').map((name) => name.trim());
  const unknown = names.find((name) => api.stores.byId(name) === undefined);
  if (unknown !== undefined) throw fault(400, `Store '${unknown}' is not configured.`);
  return names;
}

async function open(api: V2Api, image: Image, range: ByteRange | undefined, how: Reading): Promise<Opened | undefined> {
  try {
    return await api.locations.open(image, range, how);
  } catch (error) {
    if (isRegistryError(error, 'not-found')) return undefined;
    throw error;
  }
}

/** `GET` and `HEAD /v2/images/{id}/file`: image-api-v2 section 2.3; validators and HEAD are additions. */
export const download: Handler<V2Api> = async (ctx, api) => {
  const image = await downloadable(ctx, api);
  const prefer = preferredStores(ctx, api, image);
  if (image.locations.length === 0) return empty(ctx, 204);
  const etag = etagOf(image);
  if (etag !== undefined) ctx.set('ETag', encodeHeader(etag));
  if (isNotModified(ctx, etag)) return empty(ctx, 304);
  const size = await sizeOf(api, image);
  const range = size === undefined ? undefined : rangeOf(ctx, size, etag);
  if (ctx.method === 'HEAD') {
    setHeaders(ctx, image, size, range);
    return sendHead(ctx);
  }
  const reader = readerOf(ctx);
  const elsewhere = size !== 0 ? await api.locations.elsewhere(image, { reader, prefer }) : undefined;
  if (elsewhere !== undefined) {
    ctx.set('Content-Type', 'application/octet-stream');
    ctx.status = sendElsewhere(ctx, image, elsewhere, api.accelPrefix);
    return sendHead(ctx);
  }
  const signal = downloadSignal(ctx);
  const opened = await open(api, image, range, { signal, reader, prefer });
  if (opened === undefined) return empty(ctx, 204);
  const length = setHeaders(ctx, image, size ?? opened.size, range);
  ctx.respond = false;
  const sent = await send(ctx.res, opened, length, signal);
  ctx.state.dataBytes = sent.bytes;
};

/** Bytes of the whole image; undefined where only its origin can tell. */
async function sizeOf(api: V2Api, image: Image): Promise<number | undefined> {
  const [location] = image.locations;
  if (image.size !== null || location === undefined || location.external !== undefined) return knownSize(image);
  return api.locations.size(location);
}
