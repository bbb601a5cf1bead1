import { FalseAnswer } from './errors.js';
import type { Part } from './part.js';

/** What an answer says of the bytes that the service took. */
export interface Taken {
  readonly ETag?: string | undefined;
  readonly ServerSideEncryption?: string | undefined;
  readonly SSECustomerAlgorithm?: string | undefined;
}

/**
 * Compares what was sent with the ETag where that is an MD5: not from every service, and not with keys of a key management service.
 * The MD5 is computed only then, and after the answer. Returns whether it was one; throws FalseAnswer when it is of other bytes.
 */
export async function compareEtag(taken: Taken, part: Part): Promise<boolean> {
  const md5 = /^"?([0-9a-f]{32})"?$/i.exec(taken.ETag ?? '')?.[1]?.toLowerCase();
  const foreign = (taken.ServerSideEncryption ?? 'AES256') !== 'AES256' || taken.SSECustomerAlgorithm !== undefined;
  if (md5 === undefined || foreign) return false;
  if ((await part.md5()) === md5) return true;
  throw new FalseAnswer('The image store took other bytes than it was sent.');
}
