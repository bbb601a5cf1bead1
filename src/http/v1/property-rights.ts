import type { Actor } from '../../domain/actor.js';
import type { Image, ImageChange, Properties } from '../../domain/image.js';
import type { PropertyProtections, PropertyRight } from '../../domain/ports/property-protections.js';
import { fault } from '../fault.js';

type PropertyChange = NonNullable<ImageChange['properties']>;

/**
 * API v1 knows names in lower case and with underscores alone. What API v2 wrote under another spelling must not pass there for a property
 * that its writer could not have written: it is nobody's in API v1.
 */
function may(actor: Actor, protections: PropertyProtections, name: string, right: PropertyRight): boolean {
  const known = name.toLowerCase().replaceAll('-', '_');
  if (!protections.may(actor, known, right)) return false;
  return known === name || (protections.may(actor, name, right) && protections.standsFor(name, known));
}

function refusal(name: string): Error {
  return fault(403, `Property '${name}' is protected`);
}

/** The image without the properties that the actor may not read (image-api-v1 section 5.7). */
export function shownTo(actor: Actor, protections: PropertyProtections, image: Image): Image {
  const reads = (name: string) => may(actor, protections, name, 'read');
  if ([...image.properties.keys()].every(reads)) return image;
  return { ...image, properties: new Map([...image.properties].filter(([name]) => reads(name))) };
}

/** Throws 403 for the first property that the actor may not create. */
export function refuseProtected(actor: Actor, protections: PropertyProtections, properties: Properties): void {
  for (const name of properties.keys()) if (!may(actor, protections, name, 'create')) throw refusal(name);
}

/**
 * What an update may really write: properties that the actor may not read survive a purge. Throws 403 for one that it may not
 * create, update or purge; a value that stays the same needs no more than the right to read it (image-api-v1 sections 1.8 and 5.7).
 */
export function protectedChange(
  actor: Actor,
  protections: PropertyProtections,
  present: Properties,
  { set, purge }: PropertyChange,
): PropertyChange {
  const allows = (name: string, right: PropertyRight) => may(actor, protections, name, right);
  for (const [name, value] of set) {
    const allowed = present.has(name)
      ? allows(name, 'read') && (value === present.get(name) || allows(name, 'update'))
      : allows(name, 'create');
    if (!allowed) throw refusal(name);
  }
  if (!purge) return { set, purge };
  const purged = [...present].filter(([name]) => !set.has(name));
  const kept = purged.filter(([name]) => !allows(name, 'read'));
  const refused = purged.find(([name]) => allows(name, 'read') && !allows(name, 'delete'));
  if (refused !== undefined) throw refusal(refused[0]);
  return { set: new Map([...set, ...kept]), purge };
}
