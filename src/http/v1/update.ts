import type { Actor } from '../../domain/actor.js';
import { isRegistryError } from '../../domain/errors.js';
import type { Image, ImageChange } from '../../domain/image.js';
import { actorOf, type Context } from '../context.js';
import { detailed, fault, HttpFault } from '../fault.js';
import { type Handler, segment } from '../routes.js';
import { encodeHeader } from '../text-header.js';
import { baseUrl, sendImage } from './answer.js';
import type { V1Api } from './api.js';
import { externalSource, fill } from './fill.js';
import { findImage } from './find-image.js';
import { isTrue } from './image-meta.js';
import { protectedChange, shownTo } from './property-rights.js';
import { registryText } from './registry-text.js';
import { textHeader } from './request-headers.js';
import { changeOf, type ImageRequest, readImageRequest } from './request-image.js';
import { refuseReadOnly } from './write-access.js';

/** What nobody, or nobody but an admin, may change; naming the value that is there is fine (image-api-v1 section 1.8 step 4). */
function refuseImmutable(actor: Actor, image: Image, { meta }: ImageRequest): void {
  if (!actor.isAdmin && (image.status === 'active' || image.status === 'deactivated')) {
    const changed = [
      ...(meta.size !== undefined && meta.size !== (image.size ?? 0) ? ['size'] : []),
      ...(meta.checksum !== undefined && meta.checksum !== image.checksum ? ['checksum'] : []),
    ];
    if (changed[0] !== undefined) throw fault(403, `Forbidden to modify '${changed[0]}' of ${image.status} image.`);
  }
  if (meta.status !== undefined && meta.status !== image.status)
    throw fault(403, "Forbidden to modify 'status' of image.");
  if (meta.id !== undefined && meta.id !== image.id) throw fault(403, "Forbidden to modify 'id' of image.");
}

function updateFault(error: unknown): unknown {
  if (isRegistryError(error, 'conflict')) return fault(409, 'Image operation conflicts');
  if (isRegistryError(error, 'forbidden')) return fault(403, `Forbidden to update image: ${registryText(fault(403))}`);
  if (isRegistryError(error, 'not-found')) {
    return fault(404, `Failed to find image to update: ${registryText(fault(404, error.message))}`);
  }
  if (isRegistryError(error, 'invalid')) {
    const said = registryText(detailed(400, `Failed to update image metadata. Got error: ${error.message}`));
    return fault(400, `Failed to update image metadata. Got error: ${said}`);
  }
  return error;
}

/** A PUT replaces all properties unless it says otherwise or brings data (image-api-v1 section 1.8 step 9). */
function purges(ctx: Context, request: ImageRequest): boolean {
  const header = textHeader(ctx.req, 'x-glance-registry-purge-props');
  return request.data === undefined && (header === undefined || isTrue(header));
}

async function write(
  ctx: Context,
  api: V1Api,
  image: Image,
  request: ImageRequest,
  source: string | undefined,
): Promise<Image> {
  const { meta } = request;
  const properties = protectedChange(actorOf(ctx), api.protections, image.properties, {
    set: meta.properties,
    purge: purges(ctx, request),
  });
  const size = source !== undefined && !meta.size ? { size: await api.sources.size(source) } : {};
  try {
    const change: ImageChange = {
      ...changeOf(meta),
      ...size,
      properties,
    };
    return await api.images.update(actorOf(ctx), image, change);
  } catch (error) {
    throw updateFault(error);
  }
}

/** The API's first manual has the image in the headers of the answer, too. */
function setManualHeaders(ctx: Context, api: V1Api, image: Image): void {
  for (const [name, value] of api.dialect.headers(shownTo(actorOf(ctx), api.protections, image), baseUrl(ctx, api))) {
    ctx.set(encodeURIComponent(name), encodeHeader(value));
  }
}

/** `PUT /v1/images/{id}`: the checks in the order of image-api-v1 section 1.8. */
export const update: Handler<V1Api> = async (ctx, api) => {
  const actor = actorOf(ctx);
  const request = await readImageRequest(ctx, api);
  const { meta, copyFrom, data } = request;
  refuseReadOnly(actor);
  const enforce = (rule: string): void => api.policy.enforce(actor, rule);
  enforce('modify_image');
  if (meta.isPublic === true) enforce('publicize_image');
  if (copyFrom) enforce('copy_from');
  if (data !== undefined || copyFrom) enforce('upload_image');
  const image = await findImage(ctx, api, segment(ctx, 'id'));
  if (image.status === 'deleted') throw fault(403, 'Forbidden to update deleted image.');
  refuseImmutable(actor, image, request);
  const queued = image.status === 'queued';
  if (data !== undefined && !queued) throw new HttpFault(409, { detail: 'Cannot upload to an unqueued image' });
  const source = externalSource(request, api, actor, enforce);
  if (source !== undefined && !queued) {
    throw fault(400, 'Attempted to update Location field for an image not in queued status.');
  }
  if (source !== undefined) api.sources.checkLocation(source);
  const changed = await write(ctx, api, image, request, source);
  const filled = queued ? await fill(ctx, api, changed, request) : changed;
  if (api.dialect.manual) setManualHeaders(ctx, api, filled);
  sendImage(ctx, api, filled, 200);
};
