import type { Actor } from '../actor.js';

/** What a rule may look at beside the actor: fields of the image by their API names, custom properties included. */
export type PolicyTarget = Readonly<Record<string, string | number | boolean | null>>;

/** Decides whether an actor may perform an action (Glance's rule names: get_image, add_image, ...). */
export interface Policy {
  allows(actor: Actor, action: string, target?: PolicyTarget): boolean;
  /** Throws forbidden. */
  enforce(actor: Actor, action: string, target?: PolicyTarget): void;
}
