import { isRegistryError } from '../../domain/errors.js';
import type { Image } from '../../domain/image.js';
import { actorOf, type Context } from '../context.js';
import { detailed, fault } from '../fault.js';
import { originOf } from '../origin.js';
import type { Handler } from '../routes.js';
import { sendImage } from './answer.js';
import type { V1Api } from './api.js';
import { externalSource, fill } from './fill.js';
import { refuseProtected } from './property-rights.js';
import { registryText } from './registry-text.js';
import { changeOf, type ImageRequest, readImageRequest } from './request-image.js';
import { refuseReadOnly, refuseUnscoped } from './write-access.js';

/** Texts of the API around what the registry said (image-api-v1 section 1.7 step 10). */
function reserveFault(error: unknown, request: ImageRequest): unknown {
  if (isRegistryError(error, 'duplicate'))
    return fault(409, `An image with identifier ${request.meta.id} already exists`);
  if (!isRegistryError(error, 'invalid')) return error;
  const said = error.message.startsWith('Invalid image id')
    ? fault(400, error.message)
    : detailed(400, `Failed to add image metadata. Got error: ${error.message}`);
  return fault(400, `Failed to reserve image. Got error: ${registryText(said)}`);
}

async function reserve(ctx: Context, api: V1Api, request: ImageRequest, source: string | undefined): Promise<Image> {
  const { meta } = request;
  const size = meta.size || source === undefined ? (meta.size ?? 0) : await api.sources.size(source);
  try {
    return await api.images.register(actorOf(ctx), {
      ...changeOf(meta),
      ...(meta.id ? { id: meta.id } : {}),
      ...(meta.createdAt === undefined ? {} : { createdAt: meta.createdAt }),
      ...(meta.updatedAt === undefined ? {} : { updatedAt: meta.updatedAt }),
      properties: meta.properties,
      deleted: meta.deleted ?? false,
      size,
      // An image that is said to be empty needs no upload (image-api-v1 section 3.1).
      status: meta.size === 0 && source === undefined ? 'active' : 'queued',
    });
  } catch (error) {
    throw reserveFault(error, request);
  }
}

/** `POST /v1/images`: the checks in the order of image-api-v1 section 1.7, which decides what error wins. */
export const create: Handler<V1Api> = async (ctx, api) => {
  const actor = actorOf(ctx);
  const request = await readImageRequest(ctx, api);
  const { meta, copyFrom, data } = request;
  refuseReadOnly(actor);
  refuseUnscoped(actor);
  const enforce = (rule: string): void => api.policy.enforce(actor, rule);
  enforce('add_image');
  if (meta.isPublic === true) enforce('publicize_image');
  if (copyFrom) enforce('copy_from');
  if (data !== undefined || copyFrom) enforce('upload_image');
  refuseProtected(actor, api.protections, meta.properties);
  api.images.checkProperties(meta.properties);
  const source = externalSource(request, api, actor, enforce);
  if (typeof meta.store === 'string' && !api.storeNames.has(meta.store)) {
    throw fault(400, `Required store ${meta.store} is invalid`);
  }
  if (source !== undefined) api.sources.checkLocation(source);
  const image = await fill(ctx, api, await reserve(ctx, api, request, source), request);
  ctx.set('Location', `${originOf(ctx)}${api.dialect.manual ? '' : '/v1'}/images/${image.id}`);
  sendImage(ctx, api, image, 201);
};
