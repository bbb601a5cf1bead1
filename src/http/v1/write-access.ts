import type { Actor } from '../../domain/actor.js';
import { detailed } from '../fault.js';

/** Anonymous actors may look, not touch (image-api-v1 section 5.7). */
export function refuseReadOnly(actor: Actor): void {
  if (actor.readOnly) throw detailed(403, 'Read-only access');
}

/** An actor without a tenant makes no images where tenants are known: nobody would own them, and everybody see them. */
export function refuseUnscoped(actor: Actor): void {
  if (actor.unscoped && !actor.isAdmin) throw detailed(401, 'No authenticated user');
}
