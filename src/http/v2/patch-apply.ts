import type { Image, ImageChange } from '../../domain/image.js';
import { detailed, fault, type HttpFault } from '../fault.js';
import { attributesOf, checkPropertyName, checkValues, propertiesOf } from './image-attributes.js';
import type { LocationOperation, Operation } from './patch-request.js';
import { ATTRIBUTES, type ImageBody } from './schemas/create-schemas.js';

/** Locations have rights of their own, which are asked for where they are changed. */
export type AttributeOperation = Exclude<Operation, LocationOperation>;

/** Who changes the image, and what it may do with custom properties (all of them, where nothing protects them). */
export interface PatchRights {
  readonly isAdmin: boolean;
  /** Throws when the operation itself is not this client's to ask for; called before the image is looked at for it. */
  readonly authorize?: (operation: AttributeOperation) => void;
  readonly mayProperty?: (name: string, right: 'create' | 'read' | 'update' | 'delete') => boolean;
}

export interface Patch {
  /** What to write, in one piece; undefined when no operation touches attributes or properties. */
  readonly change: ImageChange | undefined;
  /** In the order of the request; their rules depend on the stores, so whoever knows those carries them out. */
  readonly locations: readonly LocationOperation[];
}

function reserved(name: string): HttpFault {
  return fault(403, `Attribute '${name}' is reserved.`);
}

function missing(name: string): HttpFault {
  return detailed(409, `Property ${name} does not exist.`);
}

function present(name: string): HttpFault {
  return detailed(409, `Property ${name} already present.`);
}

function refuseAttribute(image: Image, operation: AttributeOperation, rights: PatchRights): void {
  const { op, name } = operation;
  // Every image has all of them, whether null or not; only the stores are there or not.
  if (name === 'stores') throw missing(name);
  if (op === 'remove') throw detailed(403, `Property ${name} may not be removed.`);
  if (op === 'add' && !operation.overwrites) throw present(name);
  // Glance asks this of replace alone and lets an add give away public images.
  if (name === 'owner' && !rights.isAdmin) throw detailed(403, "Owner can't be updated by non admin.");
  if ((name === 'disk_format' || name === 'container_format') && !['queued', 'importing'].includes(image.status)) {
    throw fault(403, `Attribute ${name} can be only replaced for a queued image.`);
  }
}

function changeAttribute(image: Image, operation: AttributeOperation, rights: PatchRights): ImageChange {
  refuseAttribute(image, operation, rights);
  if (operation.op === 'remove') return {};
  const change = attributesOf(operation.body);
  checkValues(change, new Map());
  return change;
}

/** A property that may not be read counts as absent, except that nobody overwrites it unseen. */
function changeProperty(
  properties: Map<string, string | null>,
  operation: AttributeOperation,
  rights: PatchRights,
): void {
  const { op, name } = operation;
  const may = (right: 'create' | 'read' | 'update' | 'delete') => rights.mayProperty?.(name, right) ?? true;
  const exists = properties.has(name);
  const visible = exists && may('read');
  if (op === 'remove') {
    if (!visible) throw missing(name);
    if (!may('delete')) throw reserved(name);
    properties.delete(name);
    return;
  }
  if (op === 'replace' && !visible) throw missing(name);
  if (op === 'add' && visible && !operation.overwrites) throw present(name);
  if ((!visible && !may('create')) || (exists && !may('update'))) throw reserved(name);
  write(properties, operation.body);
}

function write(properties: Map<string, string | null>, body: ImageBody): void {
  const set = propertiesOf(body);
  checkValues({}, set);
  for (const [name, value] of set) {
    checkPropertyName(name);
    properties.set(name, value);
  }
}

/**
 * What a list of operations makes of an image: all of it or, when one cannot be, nothing.
 * Throws 400, 403 or 409 for the first that cannot (image-api-v2 section 2.2).
 */
export function applyPatch(image: Image, operations: readonly Operation[], rights: PatchRights): Patch {
  const properties = new Map(image.properties);
  const locations: LocationOperation[] = [];
  let change: ImageChange | undefined;
  for (const operation of operations) {
    if (operation.op === 'replace-locations' && operation.locations.length === 0) {
      throw detailed(403, 'Cannot set locations to empty list.');
    }
    if (!('name' in operation)) {
      locations.push(operation);
      continue;
    }
    rights.authorize?.(operation);
    if (ATTRIBUTES.has(operation.name)) {
      change = { ...change, ...changeAttribute(image, operation, rights) };
    } else {
      changeProperty(properties, operation, rights);
      change = { ...change, properties: { set: properties, purge: true } };
    }
  }
  return { change, locations };
}
