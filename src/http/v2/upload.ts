import { isRegistryError, UploadMismatch } from '../../domain/errors.js';
import type { Image } from '../../domain/image.js';
import type { Store } from '../../domain/ports/store.js';
import { refuseForeign } from '../../service/image-service.js';
import { uploadSignal } from '../client-gone.js';
import { actorOf, type Context, headerOf } from '../context.js';
import { detailed, fault } from '../fault.js';
import { contentLength, openBody } from '../request-body.js';
import { type Handler, segment } from '../routes.js';
import { authorize, refuseReadOnly, visibleImage } from './access.js';
import type { V2Api } from './api.js';
import { requireFormats } from './formats-set.js';

function checkContentType(ctx: Context): void {
  const type = headerOf(ctx.req, 'content-type') ?? '';
  const [name = ''] = type.split(';', 1);
  if (name.trim() !== 'application/octet-stream') throw detailed(415, `Invalid content type ${type}`);
}

/** Bytes that the client announces: in its own header, or by the transport. Throws 400. */
function announcedSize(ctx: Context): number | undefined {
  const text = headerOf(ctx.req, 'x-openstack-image-size');
  if (text === undefined) return contentLength(ctx.req);
  if (!/^\s*\+?\d{1,16}\s*$/.test(text)) throw fault(400, 'Invalid or missing image size in request headers.');
  return Number(text);
}

/**
 * The store that the client names (`x-image-meta-store`), or the default one; where there are not several, the name means nothing.
 * Throws 400 for one that is not there, and for one that takes no uploads.
 */
function chosenStore(ctx: Context, api: V2Api): Store {
  const name = api.stores.several ? headerOf(ctx.req, 'x-image-meta-store') : undefined;
  try {
    const store = api.stores.forWriting(name);
    if (store.can.write) return store;
    throw fault(400, `Store ${store.id} is read-only: it takes no uploads.`);
  } catch (error) {
    throw isRegistryError(error) ? fault(400, error.message) : error;
  }
}

function checkState(image: Image): void {
  if (image.status !== 'queued') {
    throw fault(409, `Image status transition from ${image.status} to saving is not allowed`);
  }
  requireFormats(image);
}

/** v2's words for what went wrong (image-api-v2 section 2.3). */
function uploadFault(error: unknown, image: Image): unknown {
  if (error instanceof UploadMismatch) {
    return fault(400, `Size mismatch: expected ${error.supplied} bytes, got ${error.actual} bytes`);
  }
  if (isRegistryError(error, 'too-large')) return fault(413, `The incoming image is too large: ${error.message}`);
  if (isRegistryError(error, 'quota')) return fault(413, `Image exceeds the storage quota: ${error.message}`);
  if (isRegistryError(error, 'storage-full')) return fault(413, `Image storage media is full: ${error.message}`);
  if (isRegistryError(error, 'storage-denied')) {
    return fault(503, `Insufficient permissions on image storage media: ${error.message}`);
  }
  if (isRegistryError(error, 'unsupported-media')) return detailed(415, error.message);
  if (isRegistryError(error, 'conflict'))
    return fault(409, `Image status transition from saving to saving is not allowed`);
  if (isRegistryError(error, 'gone')) {
    return fault(
      410,
      `Image ${image.id} could not be found after upload. The image may have been deleted during the upload, ` +
        'cleaning up the chunks uploaded.',
    );
  }
  return error;
}

/** `PUT /v2/images/{id}/file`: image-api-v2 section 2.3. A failed upload leaves the image queued. */
export const upload: Handler<V2Api> = async (ctx, api) => {
  checkContentType(ctx);
  const size = announcedSize(ctx);
  refuseReadOnly(ctx);
  const store = chosenStore(ctx, api);
  const image = await visibleImage(ctx, api, segment(ctx, 'id'));
  authorize(ctx, api, 'upload_image', image);
  refuseForeign(actorOf(ctx), image);
  checkState(image);
  if (size !== undefined && size > api.sizeCap) {
    throw fault(
      413,
      `The incoming image is too large: Denying attempt to upload image larger than ${api.sizeCap} bytes.`,
    );
  }
  try {
    const stored = await api.uploads.upload(image, {
      open: () => openBody(ctx.req),
      store: store.id,
      length: size,
      expected: { size, checksum: undefined },
      from: ['queued'],
      failed: 'queued',
      signal: uploadSignal(ctx),
      inspection: api.inspector.start(image),
    });
    ctx.state.dataBytes = stored.size ?? 0;
  } catch (error) {
    throw uploadFault(error, image);
  }
  ctx.status = 204;
};
