import { isRegistryError } from '../../domain/errors.js';
import type { ImageStatus } from '../../domain/image.js';
import { refuseForeign } from '../../service/image-service.js';
import { actorOf } from '../context.js';
import { fault } from '../fault.js';
import { type Handler, segment } from '../routes.js';
import { authorize, refuseReadOnly, visibleImage } from './access.js';
import type { V2Api } from './api.js';

/** An action that moves an image between active and deactivated; it is done again without complaint (image-api-v2 section 2.5). */
function action(name: 'deactivate' | 'reactivate', to: ImageStatus): Handler<V2Api> {
  return async (ctx, api) => {
    refuseReadOnly(ctx);
    const image = await visibleImage(ctx, api, segment(ctx, 'id'));
    authorize(ctx, api, name, image);
    refuseForeign(actorOf(ctx), image);
    if (image.status !== 'active' && image.status !== 'deactivated') {
      throw fault(403, `Not allowed to ${name} image in status '${image.status}'`);
    }
    try {
      if (image.status !== to) await api.images.setStatus(actorOf(ctx), image, to);
    } catch (error) {
      if (isRegistryError(error, 'conflict')) throw fault(409, `Image ${image.id} is being changed by someone else`);
      throw error;
    }
    ctx.status = 204;
  };
}

/** `POST /v2/images/{id}/actions/deactivate` */
export const deactivate = action('deactivate', 'deactivated');

/** `POST /v2/images/{id}/actions/reactivate` */
export const reactivate = action('reactivate', 'active');
