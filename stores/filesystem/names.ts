import { basename, dirname } from 'node:path';
import { RegistryError } from '../../src/domain/errors.js';
import { type ImageId, isImageId } from '../../src/domain/image.js';
import type { Location } from '../../src/domain/location.js';

const WORKER = /^[\w.:-]{1,100}$/;
const TEMPORARY = /^\.([0-9a-f-]+)\.([\w.:-]+)\.part$/i;

/** The file name of an image: its id, nothing else. Throws invalid for anything that is not a UUID (hyphens optional, any case). */
export function finalName(key: ImageId): string {
  if (!isImageName(key)) throw new RegistryError('invalid', 'An image is stored under a UUID only.');
  return key;
}

/** Whether a file of this name can hold an image. */
export function isImageName(name: string): boolean {
  return isImageId(name);
}

/** The name of an upload in progress. Hidden, so that tools that list the folder see finished images only. */
export function temporaryName(key: ImageId, worker: string): string {
  if (!WORKER.test(worker)) throw new Error(`Not a worker id: ${JSON.stringify(worker)}`);
  return `.${finalName(key)}.${worker}.part`;
}

/** Whose upload a temporary file is; undefined for every other file. */
export function workerOf(name: string): string | undefined {
  const [, key, worker] = TEMPORARY.exec(name) ?? [];
  return key !== undefined && isImageName(key) ? worker : undefined;
}

/** `file:///folder/id`, written as Glance writes it: without percent-encoding. */
export function urlOf(path: string): string {
  return `file://${path}`;
}

/** The file that a location names in one of these folders; undefined when it names none. */
function fileOf(location: Location, folders: readonly string[]): string | undefined {
  const [, path = ''] = /^file(?:system)?:\/\/(\/.+)$/s.exec(location.url) ?? [];
  const inside = isImageName(basename(path)) && !path.includes('\0') && folders.includes(dirname(path));
  return inside ? path : undefined;
}

/** Whether a location names an image in one of these folders. */
export function isIn(location: Location, folders: readonly string[]): boolean {
  return fileOf(location, folders) !== undefined;
}

/** The file of a location. Throws invalid when the location does not name an image in one of these folders. */
export function pathOf(location: Location, folders: readonly string[]): string {
  const path = fileOf(location, folders);
  if (path === undefined) {
    throw new RegistryError('invalid', 'The location is not inside a folder of the filesystem store.');
  }
  return path;
}
