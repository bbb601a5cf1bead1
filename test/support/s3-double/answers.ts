import type { ServerResponse } from 'node:http';
import { setImmediate } from 'node:timers/promises';
import type { StoredObject } from './bucket.js';
import { type Fault, flush, reset } from './faults.js';
import type { S3Request } from './request.js';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export function bare(status: number, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status, headers, body: Buffer.alloc(0) };
}

export function xml(status: number, root: string, body: string): Answer {
  const text = `<?xml version="1.0" encoding="UTF-8"?>\n<${root}>${body}</${root}>`;
  return { status, headers: { 'content-type': 'application/xml' }, body: Buffer.from(text) };
}

/** An error of S3. Its message is what clients of the registry must never see. */
export function refusal(status: number, code: string): Answer {
  return xml(status, 'Error', `<Code>${code}</Code><Message>secret words of the service</Message>`);
}

/** The object, or the range of it that is asked for. */
export function objectAnswer({ header }: S3Request, object: StoredObject, fault: Fault | undefined): Answer {
  const { bytes, etag, metadata, modified = new Date(0) } = object;
  const wanted = header('if-match');
  if (wanted !== undefined && wanted !== etag) return refusal(412, 'PreconditionFailed');
  const headers = {
    'content-type': 'application/octet-stream',
    ...metadata,
    etag,
    'accept-ranges': 'bytes',
    'last-modified': modified.toUTCString(),
  };
  const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(header('range') ?? '') ?? [];
  if (first === undefined) return { status: 200, headers, body: bytes };
  const start = Number(first) + (fault?.kind === 'wrong-range' ? 1 : 0);
  const end = Math.min(bytes.length, last ? Number(last) + 1 : bytes.length);
  if (start >= bytes.length) return refusal(416, 'InvalidRange');
  const range = { 'content-range': `bytes ${start}-${end - 1}/${bytes.length}` };
  return { status: 206, headers: { ...headers, ...range }, body: bytes.subarray(start, end) };
}

/** Sends an answer, with the faults that concern its body. */
export async function send(
  response: ServerResponse,
  { status, headers, body }: Answer,
  { operation }: S3Request,
  fault: Fault | undefined,
): Promise<void> {
  response.writeHead(status, { ...headers, 'content-length': body.length });
  if (operation === 'HeadObject' || status === 204) return void response.end();
  switch (fault?.kind) {
    case 'reset-answer':
      await flush(response, body.subarray(0, fault.after));
      if (response.socket) reset(response.socket);
      return;
    case 'shorten':
      await flush(response, body.subarray(0, fault.after));
      response.socket?.end();
      return;
    case 'stall':
      await flush(response, body.subarray(0, fault.after));
      return;
    case 'slow':
      for (let at = 0; at < body.length && !response.destroyed; at += fault.piece) {
        await flush(response, body.subarray(at, at + fault.piece));
        await setImmediate();
      }
      response.end();
      return;
    default:
      response.end(body);
  }
}
