import { isRegistryError } from '../../domain/errors.js';
import type { Image } from '../../domain/image.js';
import type { PolicyTarget } from '../../domain/ports/policy.js';
import { actorOf, type Context } from '../context.js';
import { detailed } from '../fault.js';
import type { V1Api } from './api.js';
import { imageFields } from './present.js';

/** The image with this id, if the actor sees it. Throws 404 with v1's text. */
export async function findImage(ctx: Context, api: V1Api, id: string): Promise<Image> {
  try {
    return await api.images.showAny(actorOf(ctx), id);
  } catch (error) {
    if (isRegistryError(error, 'not-found')) throw detailed(404, `Image with identifier ${id} not found`);
    throw error;
  }
}

/** What a policy rule may look at: the image's own fields, its properties beside them (image-api-v1 section 1.6). */
export function policyTarget(image: Image): PolicyTarget {
  return { ...Object.fromEntries(image.properties), ...imageFields(image) };
}
