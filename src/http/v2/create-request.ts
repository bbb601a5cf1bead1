import type { Actor } from '../../domain/actor.js';
import type { ImageDraft } from '../../service/image-service.js';
import { detailed, fault } from '../fault.js';
import { attributesOf, checkPropertyName, checkValues, isReserved, propertiesOf } from './image-attributes.js';
import { pythonRepr } from './python-repr.js';
import type { ImageBody, Schemas } from './schemas/create-schemas.js';

const LINKS = ['direct_url', 'self', 'file', 'schema', 'stores'];
const SERVERS_OWN = ['created_at', 'updated_at', 'status', 'checksum', 'size', 'virtual_size'];
const HASHES = ['os_hash_algo', 'os_hash_value'];

function refuseReadOnly(body: object, names: readonly string[]): void {
  const found = names.find((name) => Object.hasOwn(body, name));
  if (found !== undefined) throw fault(403, `Attribute '${found}' is read-only.`);
}

function refuseReserved(body: ImageBody): void {
  const reserved = Object.keys(body).find(isReserved);
  if (reserved !== undefined) throw detailed(403, `Attribute '${reserved}' is reserved.`);
  if (body.locations !== undefined) throw fault(403, "Attribute 'locations' is reserved.");
}

/**
 * Reads the body of `POST /v2/images` as far as it can be judged alone; who may do this, and `checkDraft`, come after.
 * Throws 400 or 403, in the order of image-api-v2 section 2.2.
 */
export function readCreate(body: object, schemas: Schemas): ImageDraft {
  if (Array.isArray(body)) throw fault(400, 'Request body must be a JSON object of image attributes.');
  refuseReadOnly(body, LINKS);
  const image = schemas.readImage(body);
  // The hashes are the server's as much as the checksum is; Glance takes and forgets them.
  refuseReadOnly(image, [...SERVERS_OWN, ...HASHES]);
  const properties = propertiesOf(image);
  for (const name of properties.keys()) checkPropertyName(name);
  refuseReserved(image);
  return {
    ...attributesOf(image),
    ...(image.id === undefined ? {} : { id: image.id }),
    properties,
    status: 'queued',
  };
}

/** Nobody but an admin makes images for others, or for nobody. `body` as it came: an empty owner is told as such. Throws 403. */
export function refuseForeignOwner(actor: Actor, body: object): void {
  if (actor.isAdmin || !('owner' in body) || body.owner === actor.owner) return;
  const owner = typeof body.owner === 'string' ? body.owner : pythonRepr(body.owner);
  throw detailed(403, `You are not permitted to create images owned by '${owner}'`);
}

/** Checks of a new image that come after those of the actor's rights. Throws 400. */
export function checkDraft(draft: ImageDraft): void {
  checkValues(draft, draft.properties ?? new Map());
}
