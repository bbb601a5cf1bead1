import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

export type Operation =
  | 'HeadObject'
  | 'GetObject'
  | 'PutObject'
  | 'CopyObject'
  | 'UploadPartCopy'
  | 'DeleteObject'
  | 'CreateMultipartUpload'
  | 'UploadPart'
  | 'CompleteMultipartUpload'
  | 'AbortMultipartUpload'
  | 'ListMultipartUploads'
  | 'ListObjectsV2'
  | 'CreateBucket';

/** What goes wrong with one request. */
export type Fault =
  /** Answers with an error of S3, before the body is read. */
  | { readonly kind: 'refuse'; readonly status: number; readonly code: string }
  /** Breaks the connection after so many bytes of the request's body. */
  | { readonly kind: 'reset-request'; readonly after: number }
  /** Does what was asked, and breaks the connection in place of the answer. */
  | { readonly kind: 'lose-answer' }
  /** Does what was asked when the test says proceed. */
  | { readonly kind: 'wait' }
  /** Takes the request and never answers. */
  | { readonly kind: 'silence' }
  /** Breaks the connection after so many bytes of the answer's body. */
  | { readonly kind: 'reset-answer'; readonly after: number }
  /** Ends the answer after so many bytes as if it were whole. */
  | { readonly kind: 'shorten'; readonly after: number }
  /** Sends so many bytes of the answer, then nothing, with the connection open. */
  | { readonly kind: 'stall'; readonly after: number }
  /** Sends the answer in small pieces with turns of the event loop between them. */
  | { readonly kind: 'slow'; readonly piece: number }
  /** Answers with other bytes of the object than were asked for. */
  | { readonly kind: 'wrong-range' }
  /** Keeps the right bytes, and answers with the ETag of others. */
  | { readonly kind: 'wrong-etag' }
  /** Keeps other bytes of the same length, and answers with their ETag. */
  | { readonly kind: 'alter' }
  /** Does nothing, and answers 200 with an error in the body. */
  | { readonly kind: 'error-in-200'; readonly code: string };

export interface FaultRule {
  readonly on: Operation | readonly Operation[];
  readonly fault: Fault;
  /** Requests that pass before the first that fails; none when absent. */
  readonly after?: number;
  /** Requests that fail; all when absent. */
  readonly times?: number;
}

/** The rules of one double, in their order; the first that fits is used. */
export class Faults {
  readonly #rules: { readonly rule: FaultRule; seen: number }[] = [];

  add(rule: FaultRule): void {
    this.#rules.push({ rule, seen: 0 });
  }

  clear(): void {
    this.#rules.length = 0;
  }

  next(operation: Operation): Fault | undefined {
    for (const entry of this.#rules) {
      const { on, fault, after = 0, times = Number.POSITIVE_INFINITY } = entry.rule;
      if (![on].flat().includes(operation)) continue;
      entry.seen += 1;
      if (entry.seen > after && entry.seen <= after + times) return fault;
    }
    return undefined;
  }
}

/** Reads a body of at most so many bytes, and breaks the connection. */
export async function breakAfter(request: IncomingMessage, bytes: number): Promise<void> {
  let seen = 0;
  if (bytes > 0) {
    for await (const chunk of request) {
      seen += chunk.length;
      if (seen >= bytes) break;
    }
  }
  reset(request.socket);
}

/** Breaks a connection. One that is ending already cannot be reset: Node would wait for it at its own end, for ever. */
export function reset(socket: Socket): void {
  if (socket.writableEnded) socket.destroy();
  else socket.resetAndDestroy();
}

/** Writes and waits until the bytes are with the kernel, so that a break that follows does not swallow them; or until nobody takes them. */
export function flush(response: ServerResponse, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    if (response.destroyed) return resolve();
    const done = (): void => {
      response.off('close', done);
      resolve();
    };
    response.on('close', done);
    response.write(bytes, done);
  });
}
