import { isRegistryError } from '../../domain/errors.js';
import type { Image } from '../../domain/image.js';
import { type ImageDraft, refuseForeign } from '../../service/image-service.js';
import { actorOf, type Context } from '../context.js';
import { fault } from '../fault.js';
import { originOf } from '../origin.js';
import { readJson } from '../request-body.js';
import { type Handler, segment } from '../routes.js';
import { authorize, checkQuotas, imageView, refuse, refuseReadOnly, visibleImage } from './access.js';
import { sendJson } from './answer.js';
import type { V2Api } from './api.js';
import { checkDraft, readCreate, refuseForeignOwner } from './create-request.js';
import { presentImage } from './present.js';

function sendImage(ctx: Context, api: V2Api, image: Image, status = 200): void {
  sendJson(ctx, presentImage(image, imageView(ctx, api, image)), status);
}

/** Rights to make an image as the draft says: for its owner, for everybody, with its properties. */
function authorizeDraft(ctx: Context, api: V2Api, draft: ImageDraft): void {
  const actor = actorOf(ctx);
  const target = {
    owner: draft.owner === undefined ? actor.owner : draft.owner,
    visibility: draft.visibility ?? 'shared',
  };
  const rules = [
    'add_image',
    ...(draft.visibility === 'public' ? ['publicize_image'] : []),
    ...(draft.visibility === 'community' ? ['communitize_image'] : []),
  ];
  const denied = rules.find((rule) => !api.policy.allows(actor, rule, target));
  if (denied !== undefined) throw refuse(denied);
  const protectedName = [...(draft.properties?.keys() ?? [])].find(
    (name) => !api.protections.may(actor, name, 'create'),
  );
  if (protectedName !== undefined) throw fault(403, `Attribute '${protectedName}' is reserved.`);
}

/** `POST /v2/images`: image-api-v2 section 2.2. */
export const create: Handler<V2Api> = async (ctx, api) => {
  const actor = actorOf(ctx);
  const body = await readJson(ctx.req);
  if (body === undefined) throw fault(400, 'Body expected in request.');
  const draft = readCreate(body, api.schemas);
  refuseReadOnly(ctx);
  refuseForeignOwner(actor, body);
  authorizeDraft(ctx, api, draft);
  checkDraft(draft);
  checkQuotas(api, draft);
  try {
    const image = await api.images.register(actor, draft);
    ctx.set('Location', `${originOf(ctx)}/v2/images/${image.id}`);
    if (api.stores.several) ctx.set('OpenStack-image-store-ids', api.stores.stores.map(({ id }) => id).join(','));
    sendImage(ctx, api, image, 201);
  } catch (error) {
    if (isRegistryError(error, 'duplicate')) throw fault(409, `Image ID ${draft.id} already exists!`);
    throw error;
  }
};

/** `GET /v2/images/{id}` */
export const show: Handler<V2Api> = async (ctx, api) => {
  const image = await visibleImage(ctx, api, segment(ctx, 'id'));
  authorize(ctx, api, 'get_image', image);
  sendImage(ctx, api, image);
};

/** `DELETE /v2/images/{id}` */
export const remove: Handler<V2Api> = async (ctx, api) => {
  const id = segment(ctx, 'id');
  refuseReadOnly(ctx);
  const text = `Failed to find image ${id} to delete`;
  const image = await visibleImage(ctx, api, id, text);
  authorize(ctx, api, 'delete_image', image);
  refuseForeign(actorOf(ctx), image);
  if (image.protected) throw fault(403, `Image ${id} is protected and cannot be deleted.`);
  try {
    await api.images.delete(actorOf(ctx), image);
  } catch (error) {
    if (isRegistryError(error, 'not-found')) throw fault(404, text);
    if (isRegistryError(error, 'forbidden')) throw fault(403, `Image ${id} is protected and cannot be deleted.`);
    throw error;
  }
  ctx.status = 204;
};
