import { RegistryError } from '../../src/domain/errors.js';

/** What is wrong with what a service answered, though it called it a success. */
export class FalseAnswer extends Error {}

/** What the service's libraries tell of a failure. */
interface Failure {
  /** The service's code, such as `SlowDown`, or the library's own name for the error. */
  readonly name: string;
  /** Of the HTTP answer; undefined when there was none. */
  readonly status: number | undefined;
  /** Of the operating system, such as `ECONNRESET`. */
  readonly code: string | undefined;
}

/** Refusals by which a service asks for another try, whatever their status. */
const PASSING = new Set([
  'InternalError',
  'OperationAborted',
  'ConditionalRequestConflict',
  'RequestTimeout',
  'RequestTimeTooSkewed',
  'ServiceUnavailable',
  'SlowDown',
  'Throttling',
  'ThrottlingException',
  'TooManyRequests',
]);

const DENIED = new Set([
  'AccessDenied',
  'CredentialsProviderError',
  'ExpiredToken',
  'InvalidAccessKeyId',
  'InvalidToken',
  'SignatureDoesNotMatch',
]);

const FULL = new Set(['QuotaExceeded', 'XMinioStorageFull', 'EntityTooLarge', 'InsufficientCapacity']);

/** What a service refused, from its answer, in the form of its library's errors. */
export function refusal(status: number, body: string): Error {
  const name = /<Code>(\w+)<\/Code>/.exec(body)?.[1] ?? 'Refused';
  return Object.assign(new Error(`status ${status}`), { name, $metadata: { httpStatusCode: status } });
}

export function failureOf(error: unknown): Failure {
  const name = error instanceof Error ? error.name : '';
  const status = numberAt(at(error, '$metadata'), 'httpStatusCode');
  const code = at(error, 'code');
  return { name, status, code: typeof code === 'string' ? code : undefined };
}

/** Whether another try may succeed: outages, throttling and broken connections, not refusals. */
export function isPassing(error: unknown): boolean {
  if (error instanceof RegistryError) return false;
  if (error instanceof FalseAnswer) return true;
  const { name, status, code } = failureOf(error);
  if (PASSING.has(name)) return true;
  if (status !== undefined)
    return status === 408 || status === 429 || (status >= 500 && status !== 501) || status < 300;
  return name === 'TimeoutError' || /^(E[A-Z]+|EAI_AGAIN)$/.test(code ?? '');
}

/** Whether the service may have done what it was asked, though it did not say so. */
export function isUncertain(error: unknown): boolean {
  const { status } = failureOf(error);
  return status === undefined || status < 300 || status >= 500;
}

/** Whether the service said that there is no such object. A missing bucket has no objects either, but is named by another code. */
export function isMissing(error: unknown): boolean {
  const { name, status } = failureOf(error);
  return name === 'NoSuchKey' || name === 'NotFound' || (status === 404 && !isNoBucket(error) && !isNoUpload(error));
}

export function isNoBucket(error: unknown): boolean {
  return failureOf(error).name === 'NoSuchBucket';
}

/** Whether the service no longer knows a multipart upload: it is completed, or aborted. */
export function isNoUpload(error: unknown): boolean {
  return failureOf(error).name === 'NoSuchUpload';
}

/** Whether the service found that the object is not, or no longer, as the request demands. */
export function isPrecondition(error: unknown): boolean {
  return failureOf(error).status === 412;
}

/** Whether the service does not know a part of the request. */
export function isNotImplemented(error: unknown): boolean {
  const { name, status } = failureOf(error);
  return status === 501 || name === 'NotImplemented';
}

/**
 * What a failure means to the registry. Errors of ours pass as they are. The message names no host, bucket or key;
 * the cause, for the log, has the service's words but nothing of the request, which was signed.
 */
export function asStoreError(error: unknown): RegistryError {
  if (error instanceof RegistryError) return error;
  const { name, status, code } = failureOf(error);
  const cause = new Error(
    `${name}${code ? ` ${code}` : ''}: ${error instanceof Error ? error.message : String(error)}`,
  );
  const say = (kind: RegistryError['kind'], message: string) => new RegistryError(kind, message, { cause });
  if (isNoBucket(error)) return say('storage-unavailable', 'The bucket of the image store does not exist.');
  if (isMissing(error)) return say('not-found', 'The bytes of the image are not in the store.');
  if (status === 416) return say('range', 'The store does not have the bytes of this range.');
  if (FULL.has(name) || status === 507) {
    return say('storage-full', 'There is not enough room on the image storage media.');
  }
  if (DENIED.has(name) || status === 401 || status === 403) {
    return say('storage-denied', 'Permission to image storage media denied.');
  }
  if (error instanceof FalseAnswer) return say('storage-unavailable', error.message);
  if (status !== undefined) return say('storage-unavailable', `The image store answered with an error (${status}).`);
  return say('storage-unavailable', 'The image store cannot be reached, or does not answer.');
}

/** A handler for `catch`. */
export function rethrow(error: unknown): never {
  throw asStoreError(error);
}

function at(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

function numberAt(value: unknown, name: string): number | undefined {
  const found = at(value, name);
  return typeof found === 'number' ? found : undefined;
}
