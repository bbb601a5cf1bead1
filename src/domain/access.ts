import type { Actor } from './actor.js';
import type { Image } from './image.js';
import type { Viewer } from './ports/images.js';

/** The eyes of an actor: an admin sees everything, tombstones too where the API shows them; without an identity only what is public is seen. */
export function viewerOf(actor: Actor, seesDeleted: boolean): Viewer {
  if (actor.readOnly) return { kind: 'public' };
  return actor.isAdmin ? { kind: 'admin', seesDeleted } : { kind: 'tenant', owner: actor.owner };
}

/** Whether an actor may change or delete an image that it sees (image-api-v1 section 5.3). */
export function mayChange(actor: Actor, image: Image): boolean {
  if (actor.isAdmin) return true;
  return image.owner !== null && actor.owner !== null && image.owner === actor.owner;
}
