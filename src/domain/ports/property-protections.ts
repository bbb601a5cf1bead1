import type { Actor } from '../actor.js';

export type PropertyRight = 'create' | 'read' | 'update' | 'delete';

/** Who may do what with which custom properties (`property_protection_file`). */
export interface PropertyProtections {
  may(actor: Actor, property: string, right: PropertyRight): boolean;
  /** Whether whoever may create or update the one property may do so with the other, too. */
  standsFor(one: string, other: string): boolean;
}

/** Where nothing is protected. */
export const UNPROTECTED: PropertyProtections = { may: () => true, standsFor: () => true };
