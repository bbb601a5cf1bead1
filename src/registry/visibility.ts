import type { Image } from '../domain/image.js';
import type { Viewer } from '../domain/ports/images.js';

/** Whether the viewer may see the image (image-api-v1 section 5.2). */
export function isVisible(image: Image, viewer: Viewer, isMember: boolean): boolean {
  if (viewer.kind === 'admin') return viewer.seesDeleted || !image.deleted;
  if (image.deleted) return false;
  if (viewer.kind === 'public') return image.visibility === 'public';
  if (image.owner === null || image.visibility === 'public' || image.visibility === 'community') return true;
  if (viewer.owner === null) return false;
  return viewer.owner === image.owner || (image.visibility === 'shared' && isMember);
}
