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

/** What the requests may aim at. */
export interface Aims {
  /** Id of an image with data, to be left as it is. */
  readonly active: string;
  /** Id of an image that may be changed at will. */
  readonly spare: string;
  /** Paths that the server knows. */
  readonly paths: readonly string[];
  /** Method and path of requests that bring image data. */
  readonly uploads: readonly string[];
}

/** Makes one request of a kind. */
export type Family = (random: SeededRandom, aims: Aims) => Omit<MalformedRequest, 'family'>;

export const OCTETS = 'Content-Type: application/octet-stream';

/** The head of an upload of a raw image, but for how long its body is. */
export const uploadHead = (request: string): readonly string[] => [
  `${request} HTTP/1.1`,
  'Host: x',
  OCTETS,
  'x-image-meta-disk_format: raw',
  'x-image-meta-container_format: bare',
];

/** Ranges that are none, or of no use. */
export const BAD_RANGES: readonly string[] = [
  'bytes=',
  'bytes=-',
  'bytes=5-1',
  'bytes=0-0,2-2',
  'lines=1-2',
  'bytes=9999999999-',
  'bytes=-0',
  'bytes=x-y',
  'bytes 0-1',
  `bytes=0-${'9'.repeat(400)}`,
  'bytes=0-0,'.repeat(500),
];

/** A head: these lines and the empty one. */
export const lines = (...parts: (string | Buffer)[]): Buffer =>
  Buffer.concat([...parts.flatMap((part) => [Buffer.from(part), Buffer.from('\r\n')]), Buffer.from('\r\n')]);

/** A request with a body and its right length. */
export const withBody = (start: string, headers: readonly string[], body: Buffer | string): Buffer => {
  const bytes = Buffer.from(body);
  return Buffer.concat([lines(start, 'Host: x', ...headers, `Content-Length: ${bytes.length}`), bytes]);
};
