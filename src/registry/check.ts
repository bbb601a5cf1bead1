import { RegistryError } from '../domain/errors.js';
import type { ImageChange } from '../domain/image.js';

/** Characters of a text that an index holds; what Glance's columns hold too. */
const LONGEST_KEY = 255;
/** PostgreSQL's and Glance's limit for minimum disk and memory. */
const LARGEST_MINIMUM = 2 ** 31 - 1;

const KEYS = ['name', 'owner', 'diskFormat', 'containerFormat', 'checksum', 'hashAlgorithm', 'hashValue'] as const;

/** Refuses values that a database could not keep as they are. Throws invalid, naming the field. */
export function checkValues(values: ImageChange): void {
  for (const field of KEYS) checkKey(field, values[field] ?? '');
  checkNumber('size', values.size ?? 0, Number.MAX_SAFE_INTEGER);
  checkNumber('virtual size', values.virtualSize ?? 0, Number.MAX_SAFE_INTEGER);
  checkNumber('min_disk', values.minDisk ?? 0, LARGEST_MINIMUM);
  checkNumber('min_ram', values.minRam ?? 0, LARGEST_MINIMUM);
  for (const [name, value] of values.properties?.set ?? []) {
    checkKey('property name', name);
    checkText(`property ${name}`, value ?? '');
  }
  for (const tag of values.tags ?? []) checkKey('tag', tag);
  for (const location of values.locations ?? []) checkText('location', location.url);
}

/** Refuses a text that is too long for an index. Throws invalid. */
export function checkKey(field: string, value: string): void {
  checkText(field, value);
  if (value.length > LONGEST_KEY) {
    throw new RegistryError('invalid', `The ${field} is longer than ${LONGEST_KEY} characters`);
  }
}

function checkText(field: string, value: string): void {
  if (!isStorable(value)) throw new RegistryError('invalid', `The ${field} holds characters that cannot be stored`);
}

function checkNumber(field: string, value: number, largest: number): void {
  if (!Number.isSafeInteger(value) || value < 0 || value > largest) {
    throw new RegistryError('invalid', `'${field}' value out of range, must be from 0 to ${largest}`);
  }
}

/** Whether every database can hold the text: no NUL (PostgreSQL), no half of a surrogate pair (UTF-8). */
export function isStorable(value: string): boolean {
  return !value.includes('\0') && value.isWellFormed();
}
