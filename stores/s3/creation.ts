import type { HeadObjectCommandOutput } from '@aws-sdk/client-s3';
import { RegistryError } from '../../src/domain/errors.js';
import type { S3Context } from './client.js';
import { FalseAnswer, isNoBucket, isNotImplemented, isNoUpload, isPrecondition, isUncertain } from './errors.js';
import { compareEtag } from './etag.js';
import { deleteObject, headObject, MARK } from './objects.js';
import type { Part } from './part.js';
import { retrying } from './retry.js';

/** What one put makes: its key, and the mark that tells its object from what another writer put there. */
export interface Creation {
  readonly key: string;
  readonly mark: string;
}

export function duplicate(key: string): RegistryError {
  return new RegistryError('duplicate', `The store already holds bytes of image ${key}.`);
}

/** Does a request on the condition that the key is free, or without it where the service does not know conditions. */
export async function whereFree<T>(
  { lacks }: S3Context,
  act: (condition: { IfNoneMatch?: '*' }) => Promise<T>,
): Promise<T> {
  if (lacks.conditions) return act({});
  return act({ IfNoneMatch: '*' }).catch((error: unknown) => {
    if (!isNotImplemented(error)) throw error;
    lacks.conditions = true;
    return act({});
  });
}

/** Does a request, and makes the bucket first where there is none and the options say so. */
export async function inBucket<T>(context: S3Context, act: () => Promise<T>): Promise<T> {
  const { s3, place, options, retry } = context;
  return act().catch(async (error: unknown) => {
    if (!options.createBucketOnPut || !isNoBucket(error)) throw error;
    await retrying(retry, undefined, () => s3.createBucket({ Bucket: place.bucket })).catch((refusal: unknown) => {
      // Another server of ours was faster.
      if (!(refusal instanceof Error && refusal.name === 'BucketAlreadyOwnedByYou')) throw refusal;
    });
    return act();
  });
}

/**
 * Does the request that makes the object, and asks for the object where the answer leaves open whether it was made.
 * Resolves when there is an object of this creation with so many bytes. Throws duplicate when it is another's.
 * `part`: all of its bytes, where they are at hand.
 */
export async function create(
  context: S3Context,
  creation: Creation,
  size: number,
  act: () => Promise<unknown>,
  part?: Part,
): Promise<void> {
  const { key } = creation;
  try {
    await act();
  } catch (error) {
    if (!isUncertain(error) && !isPrecondition(error) && !isNoUpload(error)) throw error;
    const found = await headObject(context, key).catch(() => undefined);
    if (found && !isOf(found, creation)) throw duplicate(key);
    if (!found) throw isPrecondition(error) ? duplicate(key) : error;
    if (part) await compareEtag(found, part);
  }
  const found = await retrying(context.retry, undefined, async () => {
    const object = await headObject(context, key);
    if (!object) throw new FalseAnswer('The image store does not have what it said it took.');
    return object;
  });
  if (!isOf(found, creation)) throw duplicate(key);
  if (found.ContentLength !== size) {
    throw new RegistryError('storage-unavailable', 'The image store did not take all bytes.');
  }
}

/** Removes the object if it is of this creation. */
export async function undo(context: S3Context, creation: Creation): Promise<void> {
  const found = await headObject(context, creation.key);
  if (found && isOf(found, creation)) await deleteObject(context, creation.key);
}

/** A service that drops metadata leaves the condition, the question beforehand and the lock within this process. */
function isOf({ Metadata: metadata }: HeadObjectCommandOutput, { mark }: Creation): boolean {
  return (metadata?.[MARK] ?? mark) === mark;
}
