import type { Actor } from '../../domain/actor.js';
import { isRegistryError, UploadMismatch } from '../../domain/errors.js';
import type { Image, ImageStatus } from '../../domain/image.js';
import { uploadSignal } from '../client-gone.js';
import type { Context } from '../context.js';
import { fault } from '../fault.js';
import type { V1Api } from './api.js';
import type { ImageRequest } from './request-image.js';

/** The one source that a request names, or undefined. Throws 400 for two (image-api-v1 section 1.7 step 11). */
export function sourceOf({ meta, copyFrom, data }: ImageRequest): 'location' | 'copy-from' | 'data' | undefined {
  const sources = [
    ...(meta.location ? (['location'] as const) : []),
    ...(copyFrom ? (['copy-from'] as const) : []),
    ...(data === undefined ? [] : (['data'] as const)),
  ];
  if (sources.length > 1) throw fault(400, "It's invalid to provide multiple image sources.");
  return sources[0];
}

/** The external source of a request, checked for its form; undefined when there is none. Throws 400, or forbidden by policy. */
export function externalSource(
  request: ImageRequest,
  api: V1Api,
  actor: Actor,
  enforce: (rule: string) => void,
): string | undefined {
  const { meta, copyFrom } = request;
  if (meta.location !== undefined) enforce('set_image_location');
  const source = meta.location !== undefined ? (meta.location ?? '') : copyFrom;
  if (source !== undefined) api.sources.check(source, actor);
  return source;
}

function checkFormats(image: Image): void {
  if (image.diskFormat === null) throw fault(400, 'Disk format is not specified.');
  if (image.containerFormat === null) throw fault(400, 'Container format is not specified.');
}

/** Gives an image its bytes from the request's source; without one it stays as it is (image-api-v1 section 1.7 steps 11 and 12). */
export async function fill(ctx: Context, api: V1Api, image: Image, request: ImageRequest): Promise<Image> {
  const { meta, copyFrom = '' } = request;
  const store = meta.store === undefined ? undefined : (meta.store ?? '');
  switch (sourceOf(request)) {
    case undefined:
      return image;
    case 'data':
      checkFormats(image);
      return upload(ctx, api, image, request, store);
    case 'copy-from':
      api.sources.copy(image, copyFrom, { store, checksum: image.checksum ?? undefined });
      return image;
    case 'location':
      checkFormats(image);
      return api.sources.locate(image, meta.location ?? '', image.size ?? 0);
  }
}

async function upload(
  ctx: Context,
  api: V1Api,
  image: Image,
  { data }: ImageRequest,
  store: string | undefined,
): Promise<Image> {
  if (data === undefined) return image;
  api.uploads.storeFor(store);
  const from: ImageStatus = image.status;
  if (!data.isImageData) {
    await api.uploads.fail(image, 'killed', from);
    throw fault(400, 'Content-Type must be application/octet-stream');
  }
  try {
    const stored = await api.uploads.upload(image, {
      open: () => data.open(),
      store,
      length: data.length,
      expected: { size: image.size || undefined, checksum: image.checksum ?? undefined },
      from: [from],
      failed: 'killed',
      signal: uploadSignal(ctx),
    });
    ctx.state.dataBytes = stored.size ?? 0;
    return stored;
  } catch (error) {
    throw uploadFault(error, image);
  }
}

/** Texts of image-api-v1 section 3.3 around what the store said. */
function uploadFault(error: unknown, image: Image): unknown {
  if (error instanceof UploadMismatch) return fault(400, `${error.message} Setting image status to 'killed'.`);
  if (isRegistryError(error, 'storage-full')) return fault(413, `Image storage media is full: ${error.message}`);
  if (isRegistryError(error, 'storage-denied')) {
    return fault(503, `Insufficient permissions on image storage media: ${error.message}`);
  }
  if (isRegistryError(error, 'duplicate')) return fault(409, `Attempt to upload duplicate image: ${error.message}`);
  if (isRegistryError(error, 'forbidden')) return fault(403, `Forbidden upload attempt: ${error.message}`);
  if (isRegistryError(error) || (error instanceof Error && error.name === 'HttpFault')) return error;
  return Object.assign(fault(500, `Failed to upload image ${image.id}`), { cause: error });
}
