import { isRegistryError, type RegistryError } from '../../domain/errors.js';
import { actorOf } from '../context.js';
import { fault } from '../fault.js';
import { type Handler, segment } from '../routes.js';
import type { V1Api } from './api.js';
import { findImage, policyTarget } from './find-image.js';
import { registryText } from './registry-text.js';
import { refuseReadOnly } from './write-access.js';

/** Glance's texts differ by who said no: the API itself, or the registry behind it. */
function refusal(error: RegistryError, id: string): Error {
  if (error.kind === 'forbidden' && error.message === '') {
    return fault(403, `Forbidden to delete image: ${registryText(fault(403))}`);
  }
  if (error.kind === 'not-found' && error.message !== `Image ${id} not found.`) {
    return fault(404, `Failed to find image to delete: ${registryText(fault(404, error.message))}`);
  }
  return error;
}

/** `DELETE /v1/images/{id}`: 200 with an empty body (image-api-v1 section 1.9). */
export const remove: Handler<V1Api> = async (ctx, api) => {
  const actor = actorOf(ctx);
  refuseReadOnly(actor);
  api.policy.enforce(actor, 'delete_image');
  const id = segment(ctx, 'id');
  const image = await findImage(ctx, api, id);
  api.policy.enforce(actor, 'delete_image', policyTarget(image));
  try {
    await api.images.delete(actor, image);
  } catch (error) {
    throw isRegistryError(error) ? refusal(error, id) : error;
  }
  ctx.status = 200;
  ctx.set('Content-Type', 'text/html; charset=UTF-8');
  ctx.body = '';
};
