import { isRegistryError } from '../../domain/errors.js';
import type { Image, Properties } from '../../domain/image.js';
import type { PolicyLookup, PolicyValue } from '../../domain/ports/policy.js';
import { actorOf, type Context } from '../context.js';
import { detailed, fault } from '../fault.js';
import type { V2Api } from './api.js';
import type { ImageView } from './present.js';

/** The image with this id, if the actor sees it; deleted ones nobody does. Throws 404 with v2's text, or `text`. */
export async function visibleImage(
  ctx: Context,
  api: V2Api,
  id: string,
  text = `No image found with ID ${id}`,
): Promise<Image> {
  try {
    return await api.images.show(actorOf(ctx), id);
  } catch (error) {
    if (isRegistryError(error, 'not-found')) throw fault(404, text);
    throw error;
  }
}

const FIELDS: Readonly<Record<string, (image: Image) => PolicyValue>> = {
  id: (image) => image.id,
  name: (image) => image.name,
  owner: (image) => image.owner,
  visibility: (image) => image.visibility,
  status: (image) => image.status,
  protected: (image) => image.protected,
  os_hidden: (image) => image.hidden,
  disk_format: (image) => image.diskFormat,
  container_format: (image) => image.containerFormat,
};

/** What a rule may look at: properties, and the image's own fields, which win over properties of the same name. */
export function imageTarget(image: Image, member?: string | null): PolicyLookup {
  return (field) => {
    if (field === 'member_id' && member !== undefined) return member;
    const own = Object.hasOwn(FIELDS, field) ? FIELDS[field] : undefined;
    return own === undefined ? image.properties.get(field) : own(image);
  };
}

/** The refusal of a rule, before there is an image or where everybody may know that there is one. */
export function refuse(rule: string): Error {
  return fault(403, `You are not authorized to complete ${rule} action.`);
}

/** Whether a list may show the image at all. */
export function maySee(ctx: Context, api: V2Api, image: Image): boolean {
  return api.policy.allows(actorOf(ctx), 'get_image', imageTarget(image));
}

/**
 * Asks a rule about an image that the actor found. Throws 403, but 404 to whom even the look at it is forbidden
 * (image-api-v2 section 4.2). `member`: the member that the rule is about.
 */
export function authorize(ctx: Context, api: V2Api, rule: string, image: Image, member?: string | null): void {
  if (api.policy.allows(actorOf(ctx), rule, imageTarget(image, member))) return;
  throw maySee(ctx, api, image) ? refuse(rule) : fault(404);
}

/** What of an image this actor is shown. */
export function imageView(ctx: Context, api: V2Api, image: Image): ImageView {
  const actor = actorOf(ctx);
  const { directUrl, locations } = api.view;
  const mayLocate = (directUrl || locations) && api.policy.allows(actor, 'get_image_location', imageTarget(image));
  return {
    directUrl: directUrl && mayLocate,
    locations: locations && mayLocate,
    stores: api.stores.several ? api.stores : undefined,
    mayRead: (property) => api.protections.may(actor, property, 'read'),
  };
}

/** Throws 413 for more properties or tags than one image may have; `os_glance*` properties are not counted. */
export function checkQuotas(
  api: V2Api,
  parts: { readonly properties?: Properties | undefined; readonly tags?: ReadonlySet<string> | undefined },
): void {
  const own = [...(parts.properties?.keys() ?? [])].filter((name) => !name.startsWith('os_glance'));
  checkQuota('properties', own.length, api.propertyQuota);
  checkQuota('tags', parts.tags?.size ?? 0, api.tagQuota);
}

function checkQuota(what: string, attempted: number, most: number): void {
  if (most < 0 || attempted <= most) return;
  throw fault(
    413,
    `The limit has been exceeded on the number of allowed image ${what}. Attempted: ${attempted}, Maximum: ${most}`,
  );
}

/** Anonymous actors may look, not touch. */
export function refuseReadOnly(ctx: Context): void {
  if (actorOf(ctx).readOnly) throw detailed(403, 'Read-only access');
}
