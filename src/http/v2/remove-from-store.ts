import { isRegistryError } from '../../domain/errors.js';
import type { Image } from '../../domain/image.js';
import { refuseForeign } from '../../service/image-service.js';
import { actorOf } from '../context.js';
import { fault } from '../fault.js';
import { type Handler, segment } from '../routes.js';
import { authorize, refuseReadOnly, visibleImage } from './access.js';
import type { V2Api } from './api.js';

/** What went wrong in the store (image-api-v2 section 2.5). */
function storeFault(error: unknown, image: Image): unknown {
  if (!isRegistryError(error, 'in-use')) return error;
  return fault(409, `The data for Image ${image.id} could not be deleted because it is in use: ${error.message}`);
}

/** `DELETE /v2/stores/{store}/{id}`: takes an image's bytes out of one of the stores that hold them (image-api-v2 section 2.5). */
export const removeFromStore: Handler<V2Api> = async (ctx, api) => {
  const [store, id] = [segment(ctx, 'store'), segment(ctx, 'id')];
  refuseReadOnly(ctx);
  if (!api.stores.several) throw fault(404);
  if (api.stores.byId(store) === undefined) {
    throw fault(409, `The selected store ${store} is not available on this node.`);
  }
  const image = await visibleImage(ctx, api, id, `Failed to find image ${id}`);
  authorize(ctx, api, 'get_image_location', image);
  authorize(ctx, api, 'delete_image_location', image);
  refuseForeign(actorOf(ctx), image);
  if (image.status !== 'active') {
    throw fault(409, "It's not allowed to remove image data from store if image status is not 'active'");
  }
  const found = image.locations.find((location) => api.stores.idOf(location) === store);
  if (image.locations.length === 1) {
    throw fault(
      403,
      'Cannot delete image data from the only store containing it. Consider deleting the image instead.',
    );
  }
  if (found === undefined) throw fault(404, `Image ${id} is not stored in store ${store}.`);
  try {
    await api.locations.drop(image, found);
  } catch (error) {
    throw storeFault(error, image);
  }
  ctx.status = 204;
};
