import type { ErrorKind, RegistryError } from '../domain/errors.js';
import { HttpFault } from './fault.js';

/** Status of every kind of error. The one place with status codes for errors (image-api-v1 sections 3.3 and 5.7, image-api-v2 section 2). */
const STATUS: Readonly<Record<ErrorKind, number>> = {
  invalid: 400,
  unauthenticated: 401,
  'identity-unavailable': 503,
  forbidden: 403,
  'not-found': 404,
  conflict: 409,
  duplicate: 409,
  'bad-transition': 409,
  'too-large': 413,
  quota: 413,
  range: 416,
  'unsupported-media': 415,
  'storage-full': 413,
  'storage-denied': 503,
  'storage-disabled': 410,
  'storage-unavailable': 503,
  'in-use': 409,
  gone: 410,
  'client-closed': 400,
  busy: 503,
};

/** Where API v1 differs. */
const V1_STATUS: typeof STATUS = { ...STATUS, gone: 412 };

/** Seconds after which a client may come again, where that is known to help. */
const RETRY_AFTER: Readonly<Partial<Record<ErrorKind, number>>> = { 'identity-unavailable': 5 };

/** The answer for an expected error whose place the codec did not choose itself: its message as explanation, or the default one. */
export function toFault(error: RegistryError, api: 'v1' | 'v2' | undefined): HttpFault {
  const status = (api === 'v1' ? V1_STATUS : STATUS)[error.kind];
  const seconds = RETRY_AFTER[error.kind];
  const headers = seconds === undefined ? {} : { 'Retry-After': String(seconds) };
  return new HttpFault(status, error.message === '' ? {} : { explanation: error.message }, headers, { cause: error });
}
