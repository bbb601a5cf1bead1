import { RegistryError } from '../../src/domain/errors.js';

/** What an answer that nobody asked for means to the registry. Bodies of answers are not shown: they name hosts and paths. */
export function unexpected(status: number): RegistryError {
  const cause = new Error(`Swift answered with status ${status}.`);
  switch (status) {
    case 401:
    case 403:
      return new RegistryError('storage-denied', 'Permission to image storage media denied.', { cause });
    case 404:
      return new RegistryError('not-found', 'The bytes of the image are not in the store.', { cause });
    case 409:
      return new RegistryError('in-use', 'The image is in use in the store.', { cause });
    case 413:
    case 507:
      return new RegistryError('storage-full', 'There is not enough disk space on the image storage media.', { cause });
    case 416:
      return new RegistryError('range', 'The image does not have the bytes of this range.', { cause });
    default:
      return unavailable(`The image storage media answered with status ${status}.`, cause);
  }
}

/** Answers that another try may better: overloaded, restarting, rate-limited. */
export function isPassing(status: number): boolean {
  return status === 408 || status === 429 || status === 498 || (status >= 500 && status !== 501 && status !== 507);
}

export function unavailable(message: string, cause?: unknown): RegistryError {
  return new RegistryError('storage-unavailable', message, { cause });
}

export function duplicate(key: string): RegistryError {
  return new RegistryError('duplicate', `The store already holds bytes of image ${key}.`);
}
