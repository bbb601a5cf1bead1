import type { SeededRandom } from '../random.js';

/** One request that no correct client would send. */
export interface MalformedRequest {
  readonly family: string;
  readonly bytes: Buffer;
  /** The answer has a head only. */
  readonly head?: boolean;
  /** The request promises more than it brings: the client says that no more will come. */
  readonly end?: boolean;
  /** So broken that the server may just close the connection. */
  readonly silent?: boolean;
}

/** Ids of images that the requests may aim at. */
export interface Aims {
  readonly active: string;
  readonly queued: string;
}

/** Makes one request of a kind. */
export type Family = (random: SeededRandom, aims: Aims) => Omit<MalformedRequest, 'family'>;

export const OCTETS = 'Content-Type: application/octet-stream';

/** A head: these lines and the empty one. */
export const lines = (...parts: (string | Buffer)[]): Buffer =>
  Buffer.concat([...parts.flatMap((part) => [Buffer.from(part), Buffer.from('\r\n')]), Buffer.from('\r\n')]);

/** A path that the server knows. */
export const path = (random: SeededRandom, { active, queued }: Aims): string =>
  random.pick([
    '/',
    '/v1',
    '/v1/images',
    '/v1/images/detail',
    `/v1/images/${active}`,
    `/v1/images/${queued}/members`,
    '/v1/shared-images/t',
    '/versions',
    '/v2/images',
  ]);

/** A request with a body and its right length. */
export const withBody = (start: string, headers: readonly string[], body: Buffer | string): Buffer => {
  const bytes = Buffer.from(body);
  return Buffer.concat([lines(start, 'Host: x', ...headers, `Content-Length: ${bytes.length}`), bytes]);
};
