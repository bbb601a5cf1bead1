import { actorOf } from '../context.js';
import { fault } from '../fault.js';
import { type Handler, segment } from '../routes.js';
import { authorize, refuseReadOnly, visibleImage } from './access.js';
import type { V2Api } from './api.js';
import { retried } from './retry.js';

/** Tags are one set: a change by someone else in between is read and changed again. */
async function changeTags(
  ...[ctx, api, change]: [...Parameters<Handler<V2Api>>, (tags: Set<string>, image: string) => void]
): Promise<void> {
  const id = segment(ctx, 'id');
  refuseReadOnly(ctx);
  await retried(async () => {
    const image = await visibleImage(ctx, api, id, `Image ${id} not found.`);
    authorize(ctx, api, 'modify_image', image);
    const tags = new Set(image.tags);
    change(tags, id);
    await api.images.amend(actorOf(ctx), image, { tags });
  });
  ctx.status = 204;
}

/** `PUT /v2/images/{id}/tags/{tag}`: image-api-v2 section 2.10. */
export const putTag: Handler<V2Api> = (ctx, api) => {
  api.schemas.readAttribute('tags', [segment(ctx, 'tag')]);
  return changeTags(ctx, api, (tags, id) => {
    tags.add(segment(ctx, 'tag'));
    if (api.tagQuota < 0 || tags.size <= api.tagQuota) return;
    throw fault(
      413,
      `Image tag limit exceeded for image ${id}: The limit has been exceeded on the number of allowed image tags. ` +
        `Attempted: ${tags.size}, Maximum: ${api.tagQuota}:`,
    );
  });
};

/** `DELETE /v2/images/{id}/tags/{tag}` */
export const removeTag: Handler<V2Api> = (ctx, api) =>
  changeTags(ctx, api, (tags) => {
    if (!tags.delete(segment(ctx, 'tag'))) throw fault(404);
  });
