import type { Image, ImageChange } from '../../domain/image.js';
import { actorOf, type Context, headerOf } from '../context.js';
import { fault } from '../fault.js';
import { readJson } from '../request-body.js';
import { type Handler, segment } from '../routes.js';
import { authorize, checkQuotas, imageView, refuseReadOnly, visibleImage } from './access.js';
import { sendJson } from './answer.js';
import type { V2Api } from './api.js';
import { changeLocations } from './change-locations.js';
import { type AttributeOperation, applyPatch } from './patch-apply.js';
import { checkPatchType, type Operation, readPatch } from './patch-request.js';
import { presentImage } from './present.js';
import { retried } from './retry.js';

const SHOWING = new Map([
  ['public', 'publicize_image'],
  ['community', 'communitize_image'],
]);

/** The rights that an operation takes: that of showing the image to everybody before that of changing it. */
function rulesOf(operation: AttributeOperation): readonly string[] {
  const visibility = operation.op === 'remove' ? undefined : operation.body.visibility;
  const showing = visibility === undefined ? undefined : SHOWING.get(visibility);
  return showing === undefined ? ['modify_image'] : [showing, 'modify_image'];
}

/** The formats that the image is given along with its locations. */
function formatsOf({ diskFormat, containerFormat }: ImageChange = {}): Partial<Image> {
  return {
    ...(diskFormat === undefined ? {} : { diskFormat }),
    ...(containerFormat === undefined ? {} : { containerFormat }),
  };
}

async function attempt(ctx: Context, api: V2Api, operations: readonly Operation[]): Promise<Image> {
  const actor = actorOf(ctx);
  const image = await visibleImage(ctx, api, segment(ctx, 'id'));
  authorize(ctx, api, 'get_image', image);
  if (operations.length === 0) return image;
  const mayProperty = (name: string, right: 'create' | 'read' | 'update' | 'delete') =>
    api.protections.may(actor, name, right);
  const patch = applyPatch(image, operations, {
    isAdmin: actor.isAdmin,
    mayProperty,
    authorize: (operation) => {
      for (const rule of rulesOf(operation)) authorize(ctx, api, rule, image);
    },
  });
  checkQuotas(api, { properties: patch.change?.properties?.set, tags: patch.change?.tags });
  const located =
    patch.locations.length === 0
      ? undefined
      : await changeLocations(ctx, api, { ...image, ...formatsOf(patch.change) }, patch.locations);
  try {
    const changed = await api.images.amend(actor, image, { ...patch.change, ...located?.change });
    await located?.removeBytes();
    if (located !== undefined) api.sources.record(changed);
    return changed;
  } finally {
    await located?.allowance.settle();
  }
}

/** `PATCH /v2/images/{id}`: the whole list of operations applies, or none does (image-api-v2 section 2.2). */
export const patch: Handler<V2Api> = async (ctx, api) => {
  const type = headerOf(ctx.req, 'content-type') ?? '';
  checkPatchType(type);
  const body = await readJson(ctx.req);
  if (body === undefined) throw fault(400, 'Body expected in request.');
  const operations = readPatch(type, body, api.schemas);
  refuseReadOnly(ctx);
  const image = await retried(() => attempt(ctx, api, operations));
  sendJson(ctx, presentImage(image, imageView(ctx, api, image)));
};
