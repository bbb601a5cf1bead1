import type { ImageChange, Properties } from '../../domain/image.js';
import { fault } from '../fault.js';
import { ATTRIBUTES, type ImageBody } from './schemas/create-schemas.js';

const INT_MAX = 2_147_483_647;
const LONGEST_NAME = 255;

/** Attributes that no client may use, whatever it does with them: the domain's own words, and what the server keeps for itself. */
export function isReserved(name: string): boolean {
  return ['location', 'deleted', 'deleted_at'].includes(name) || name.startsWith('os_glance');
}

/** What a body says of an image's own attributes. An empty owner is none (image-api-v2 section 3.1). */
export function attributesOf(body: ImageBody): Omit<ImageChange, 'properties'> {
  return {
    ...(body.name === undefined ? {} : { name: body.name }),
    ...(body.visibility === undefined ? {} : { visibility: body.visibility }),
    ...(body.owner === undefined ? {} : { owner: body.owner === '' ? null : body.owner }),
    ...(body.protected === undefined ? {} : { protected: body.protected }),
    ...(body.os_hidden === undefined ? {} : { hidden: body.os_hidden }),
    ...(body.disk_format === undefined ? {} : { diskFormat: body.disk_format }),
    ...(body.container_format === undefined ? {} : { containerFormat: body.container_format }),
    ...(body.min_ram === undefined ? {} : { minRam: body.min_ram }),
    ...(body.min_disk === undefined ? {} : { minDisk: body.min_disk }),
    ...(body.tags === undefined ? {} : { tags: new Set(body.tags) }),
  };
}

/** The custom properties of a body. Only an operator's schema lets others than texts through; they are kept as their JSON. */
export function propertiesOf(body: ImageBody): Properties {
  const properties = new Map<string, string | null>();
  for (const [name, value] of Object.entries(body)) {
    if (ATTRIBUTES.has(name)) continue;
    properties.set(name, typeof value === 'string' || value === null ? value : JSON.stringify(value));
  }
  return properties;
}

/** Throws 400 for a property whose name is too long to be kept (image-api-v2 section 2.2). */
export function checkPropertyName(name: string): void {
  if ([...name].length > LONGEST_NAME) {
    throw fault(400, `Custom property should not be greater than ${LONGEST_NAME} characters.`);
  }
}

function isAstral(text: string): boolean {
  return /[\u{10000}-\u{10ffff}]/u.test(text);
}

/** Python's str.title, with which Glance names the attribute at fault. */
function titled(name: string): string {
  return name.replace(/\p{L}+/gu, (word) => word.charAt(0).toUpperCase() + word.slice(1).toLowerCase());
}

function checkText(name: string, value: string | null | undefined): void {
  if (isAstral(value ?? '')) throw fault(400, `${titled(name)} can't contain 4 byte unicode characters.`);
}

/**
 * Checks what a schema does not say: ranges, and characters that Glance's databases could not hold (image-api-v2 section 2.2).
 * Throws 400.
 */
export function checkValues(change: Omit<ImageChange, 'properties'>, properties: Properties): void {
  const minima = [
    ['min_disk', change.minDisk ?? 0],
    ['min_ram', change.minRam ?? 0],
  ] as const;
  for (const [name, value] of minima) {
    if (value < 0) throw fault(400, `Invalid value '${value}' for parameter '${name}': Cannot be a negative value`);
  }
  for (const [name, value] of minima) {
    if (value > INT_MAX) throw fault(400, `'${name}' value out of range, must not exceed ${INT_MAX}.`);
  }
  checkText('name', change.name);
  checkText('owner', change.owner);
  if ([...(change.tags ?? [])].some(isAstral)) throw fault(400, "Param values can't contain 4 byte unicode.");
  for (const [name, value] of properties) {
    if (isAstral(name)) throw fault(400, "Property names can't contain 4 byte unicode.");
    checkText(name, value);
  }
}
