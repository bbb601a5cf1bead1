import type { Readable } from 'node:stream';
import { isRegistryError, RegistryError } from '../domain/errors.js';

export interface BodyTerms {
  /** Bytes that were announced. */
  readonly length: number | undefined;
  /** Bytes that may come. */
  readonly most: number;
  /** The caller's own; what it was aborted with is what reading fails with. */
  readonly signal: AbortSignal | undefined;
}

/**
 * The bytes of a body, which fail when they are more or fewer than announced or more than may come (image-api-v2 section 7, fetch rule 6).
 * Closes the connection however the reading ends. Throws too-large, storage-unavailable.
 */
export async function* verifiedBody(
  body: Readable,
  { length, most, signal }: BodyTerms,
): AsyncGenerator<Uint8Array, void, undefined> {
  let seen = 0;
  try {
    for await (const chunk of body) {
      seen += chunk.byteLength;
      if (seen > most) throw tooLarge(most);
      yield chunk;
    }
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    throw isRegistryError(error) ? error : brokenOff(error);
  } finally {
    drop(body);
  }
  if (length !== undefined && seen !== length) throw brokenOff(undefined);
}

export function tooLarge(most: number): RegistryError {
  return new RegistryError('too-large', `The source is larger than ${most} bytes.`);
}

/** Closes a body, read or not; quiet when it is closed. */
export function drop(body: Readable): void {
  body.on('error', () => {}).destroy();
}

function brokenOff(cause: unknown): RegistryError {
  return new RegistryError('storage-unavailable', 'The source broke off before the end of the image.', { cause });
}
