import { isRegistryError, RegistryError } from '../domain/errors.js';

/** The code of an error of the operating system: `ENOENT`, ... */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** What a failed write means to the registry. The paths stay in the cause, for the log. */
export function asWriteError(error: unknown): unknown {
  switch (codeOf(error)) {
    case 'ENOSPC':
    case 'EDQUOT':
    case 'EFBIG':
      return new RegistryError('storage-full', 'There is not enough disk space on the image storage media.', {
        cause: error,
      });
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new RegistryError('storage-denied', 'Permission to write image storage media denied.', { cause: error });
    default:
      return asUnavailable(error);
  }
}

/** What a failed read or removal means to the registry. */
export function asReadError(error: unknown): unknown {
  switch (codeOf(error)) {
    case 'ENOENT':
    case 'ELOOP':
    case 'ENOTDIR':
      return new RegistryError('not-found', 'The bytes of the image are not in the store.', { cause: error });
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new RegistryError('storage-denied', 'Permission to image storage media denied.', { cause: error });
    default:
      return asUnavailable(error);
  }
}

/** Turns a translation of errors into a handler for `catch`. */
export function rethrow(translate: (error: unknown) => unknown): (error: unknown) => never {
  return (error) => {
    throw translate(error);
  };
}

function asUnavailable(error: unknown): unknown {
  if (isRegistryError(error) || !/^E[A-Z0-9]+$/.test(codeOf(error))) return error;
  return new RegistryError('storage-unavailable', 'The image storage media failed.', { cause: error });
}
