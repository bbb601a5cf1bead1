import type { Actor } from '../actor.js';

export type PropertyRight = 'create' | 'read' | 'update' | 'delete';

/** Who may do what with which custom properties (`property_protection_file`). */
export interface PropertyProtections {
  may(actor: Actor, property: string, right: PropertyRight): boolean;
}

/** Where nothing is protected. */
export const UNPROTECTED: PropertyProtections = { may: () => true };
