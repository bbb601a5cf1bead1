import { fault, HttpFault } from '../fault.js';
import { isReserved } from './image-attributes.js';
import { parsePointer } from './json-pointer.js';
import { pythonRepr } from './python-repr.js';
import type { ImageBody, LocationBody, Schemas } from './schemas/create-schemas.js';

/** One step of a change. `body` is the value as an image with this one attribute, checked against the schema. */
export type Operation =
  /** `overwrites`: whether the name may exist already, which the two media types see differently. */
  | { readonly op: 'add'; readonly name: string; readonly body: ImageBody; readonly overwrites: boolean }
  | { readonly op: 'replace'; readonly name: string; readonly body: ImageBody }
  | { readonly op: 'remove'; readonly name: string }
  | LocationOperation;

/** `index` as the client wrote it: a number, `-` for the end, or nonsense. */
export type LocationOperation =
  | { readonly op: 'add-location'; readonly index: string; readonly location: LocationBody }
  | { readonly op: 'remove-location'; readonly index: string }
  | { readonly op: 'replace-locations'; readonly locations: readonly LocationBody[] };

const DRAFT_4 = 'application/openstack-images-v2.0-json-patch';
const DRAFT_10 = 'application/openstack-images-v2.1-json-patch';
const MEDIA_TYPES = `${DRAFT_4}, ${DRAFT_10}`;
const VERBS = ['add', 'remove', 'replace'] as const;
type Verb = (typeof VERBS)[number];

const READ_ONLY: ReadonlySet<string> = new Set([
  'created_at',
  'updated_at',
  'status',
  'checksum',
  'size',
  'virtual_size',
  'direct_url',
  'self',
  'file',
  'schema',
  'id',
  'os_hash_algo',
  'os_hash_value',
]);

/** One operation as its media type writes it. */
interface Step {
  readonly verb: Verb;
  readonly pointer: string;
  readonly value: unknown;
  readonly overwrites: boolean;
}

type Members = Readonly<Record<string, unknown>>;

function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const ONE_OF = `It must be one of the following: ${VERBS.join(', ')}.`;

function text(value: unknown): string {
  return typeof value === 'string' ? value : pythonRepr(value);
}

function operand(members: Members, verb: Verb): unknown {
  if (verb === 'remove') return undefined;
  if (!Object.hasOwn(members, 'value')) throw fault(400, `Operation "${verb}" requires a member named "value".`);
  return members.value;
}

/** `{"op": "add", "path": "/p", "value": v}` */
function draft10(members: Members): Step {
  const { op } = members;
  if (op === undefined || op === null) throw fault(400, `Unable to find \`op\` in JSON Schema change. ${ONE_OF}`);
  const verb = VERBS.find((each) => each === op);
  if (verb === undefined) throw fault(400, `Invalid operation: \`${text(op).slice(0, 255)}\`. ${ONE_OF}`);
  if (!Object.hasOwn(members, 'path')) throw fault(400, "Unable to find 'path' in JSON Schema change");
  return { verb, pointer: text(members.path), value: operand(members, verb), overwrites: true };
}

/** `{"add": "/p", "value": v}` */
function draft4(members: Members): Step {
  const [verb, ...more] = VERBS.filter((each) => Object.hasOwn(members, each));
  if (verb === undefined || more.length > 0) {
    const many = verb === undefined ? 'exactly one member' : 'only one member';
    throw fault(400, `Operation objects must contain ${many} named "add", "remove", or "replace".`);
  }
  return { verb, pointer: text(members[verb]), value: operand(members, verb), overwrites: false };
}

function stepReader(contentType: string): (members: Members) => Step {
  const [type = ''] = contentType.split(';', 1);
  switch (type.trim().toLowerCase()) {
    case DRAFT_4:
      return draft4;
    case DRAFT_10:
      return draft10;
    default:
      throw new HttpFault(
        415,
        { detail: `Image PATCH expects Content-Type one of: ${MEDIA_TYPES}` },
        { 'Accept-Patch': MEDIA_TYPES },
      );
  }
}

function refuseForbidden(name: string, verb: Verb): void {
  // The list of stores is the server's, but replacing or removing what is not there is told as such.
  if (READ_ONLY.has(name) || (name === 'stores' && verb === 'add')) {
    throw fault(403, `Attribute '${name}' is read-only.`);
  }
  if (isReserved(name)) throw fault(403, `Attribute '${name}' is reserved.`);
}

/** Single locations are added and removed by their place; all of them are replaced as a whole (image-api-v2 section 2.2). */
function locationOperation(step: Step, index: string | undefined, schemas: Schemas): LocationOperation | undefined {
  if (step.verb === 'replace') {
    if (index !== undefined) return undefined;
    return { op: 'replace-locations', locations: schemas.readAttribute('locations', step.value).locations ?? [] };
  }
  if (index === undefined) return undefined;
  if (step.verb === 'remove') return { op: 'remove-location', index };
  const [location] = schemas.readAttribute('locations', [step.value]).locations ?? [];
  return location === undefined ? undefined : { op: 'add-location', index, location };
}

function operation(step: Step, schemas: Schemas): Operation {
  const [name = '', index, ...deeper] = parsePointer(step.pointer);
  const invalid = fault(400, `Invalid JSON pointer for this resource: '${step.pointer}'`);
  if (deeper.length > 0) throw invalid;
  if (name === 'locations') {
    const found = locationOperation(step, index, schemas);
    if (found === undefined) throw invalid;
    return found;
  }
  if (index !== undefined) throw invalid;
  refuseForbidden(name, step.verb);
  if (step.verb === 'remove') return { op: 'remove', name };
  const body = schemas.readAttribute(name, step.value);
  return step.verb === 'add' ? { op: 'add', name, body, overwrites: step.overwrites } : { op: 'replace', name, body };
}

/** Refuses any but the two media types of a patch, before its body is looked at. Throws 415. */
export function checkPatchType(contentType: string): void {
  stepReader(contentType);
}

/**
 * Reads the body of `PATCH /v2/images/{id}` in either media type, as far as it can be judged without the image.
 * Throws 400, 403 or 415 for the first operation that is wrong (image-api-v2 section 2.2).
 */
export function readPatch(contentType: string, body: object, schemas: Schemas): readonly Operation[] {
  const read = stepReader(contentType);
  if (!Array.isArray(body)) throw fault(400, 'Request body must be a JSON array of operation objects.');
  return body.map((members: unknown) => {
    if (!isMembers(members)) throw fault(400, 'Operations must be JSON objects.');
    return operation(read(members), schemas);
  });
}
