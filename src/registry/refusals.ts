import { RegistryError } from '../domain/errors.js';
import type { ImageId } from '../domain/image.js';

export function missing(id: ImageId): RegistryError {
  return new RegistryError('not-found', `Image with identifier ${id} not found`);
}

export function missingMember(id: ImageId, member: string): RegistryError {
  return new RegistryError('not-found', `${member} is not a member of image ${id}`);
}

export function taken(id: ImageId): RegistryError {
  return new RegistryError('duplicate', `An image with identifier ${id} already exists`);
}

export function conflict(id: ImageId): RegistryError {
  return new RegistryError('conflict', `Image ${id} was changed by another request`);
}

export function leased(id: ImageId): RegistryError {
  return new RegistryError('conflict', `Another upload of image ${id} is in progress`);
}
