import { asStoreError, FalseAnswer, failureOf, isNoBucket } from '../../../../stores/s3/errors.js';
import { type ErrorKind, isRegistryError, RegistryError } from '../../../domain/errors.js';

const MEANINGS: Partial<Readonly<Record<ErrorKind, string>>> = {
  'storage-full': 'There is no room left for the repository in',
  'storage-denied': 'The credentials do not open the repository in',
  'not-found': 'Bytes of an image are not there any more in',
};

/** Says of a failure which repository it concerns. What the service said is the cause, without anything of the request, which was signed. */
export function placedError(error: unknown, name: string): unknown {
  if (isRegistryError(error) && error.message.includes(name)) return error;
  if (!isRegistryError(error) && !(error instanceof FalseAnswer) && !isOfService(error)) return error;
  const { kind, message, cause } = asStoreError(error);
  const say = (text: string) => new RegistryError(kind, text, { cause: cause ?? error });
  if (isNoBucket(error)) return say(`There is no bucket for the repository in ${name}.`);
  const meaning = MEANINGS[kind];
  if (meaning !== undefined) return say(`${meaning} ${name}.`);
  return say(`The service of the repository in ${name} fails: ${message.replaceAll('image store', 'service')}`);
}

/** An answer of the service, or a connection to it that broke. Errors of the program itself are neither. */
function isOfService(error: unknown): boolean {
  const { name, status, code } = failureOf(error);
  return status !== undefined || code !== undefined || name === 'TimeoutError' || name === 'CredentialsProviderError';
}
