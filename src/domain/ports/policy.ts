import type { Actor } from '../actor.js';

/** What a rule may look at beside the actor: fields of the image by their API names, custom properties included. */
export type PolicyTarget = Readonly<Record<string, PolicyValue>> | PolicyLookup;
export type PolicyValue = string | number | boolean | null;
/** Finds a field by name; undefined when there is none. For targets that are asked about often and looked into seldom. */
export type PolicyLookup = (field: string) => PolicyValue | undefined;

/** Decides whether an actor may perform an action (Glance's rule names: get_image, add_image, ...). */
export interface Policy {
  allows(actor: Actor, action: string, target?: PolicyTarget): boolean;
  /** Throws forbidden. */
  enforce(actor: Actor, action: string, target?: PolicyTarget): void;
}
