import type { IncomingMessage, ServerResponse } from 'node:http';
import { RegistryError } from '../domain/errors.js';
import { headerOf } from './context.js';
import { fault } from './fault.js';
import { inTime } from './in-time.js';

/** Requests whose client waits for `100 Continue` before it sends the body. */
const waiting = new WeakMap<IncomingMessage, ServerResponse>();

/** Called for a request with `Expect: 100-continue`: the answer is put off to the first read of the body (image-api-v1 section 1.0). */
export function awaitContinue(request: IncomingMessage, response: ServerResponse): void {
  waiting.set(request, response);
}

/** True while the client still waits for leave to send its body: it may never send it. */
export function isAwaitingContinue(request: IncomingMessage): boolean {
  return waiting.has(request);
}

/** The body, about to be read: tells a waiting client to go on. */
export function openBody(request: IncomingMessage): IncomingMessage {
  waiting.get(request)?.writeContinue();
  waiting.delete(request);
  return request;
}

/** Announced length of the body in bytes; undefined when it is chunked or absent. */
export function contentLength(request: IncomingMessage): number | undefined {
  const text = headerOf(request, 'content-length');
  return text === undefined ? undefined : Number(text);
}

/** Whether the request carries a body: chunked ones do even when empty, a length of 0 does not (image-api-v1 section 1.0). */
export function hasBody(request: IncomingMessage): boolean {
  const encoding = headerOf(request, 'transfer-encoding');
  if (encoding !== undefined && ['POST', 'PUT', 'PATCH'].includes(request.method ?? '')) return true;
  return (contentLength(request) ?? 0) > 0;
}

async function readText(request: IncomingMessage, limit: number, patience?: number): Promise<string> {
  try {
    return await inTime(readWhole(request, limit), patience);
  } catch (error) {
    if (!request.destroyed || request.complete) throw error;
    throw new RegistryError('client-closed', 'Client disconnected before sending all of the request', { cause: error });
  }
}

async function readWhole(request: IncomingMessage, limit: number): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  // Leaving the loop must not destroy the request: its connection still carries the answer.
  for await (const chunk of openBody(request).iterator({ destroyOnReturn: false })) {
    size += chunk.length;
    if (size > limit) throw fault(413, `Request is too large: a JSON body may have ${limit} bytes.`);
    chunks.push(chunk);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks));
  } catch {
    throw fault(400, 'Malformed JSON in request body.');
  }
}

/**
 * A JSON body, an object or a list. Undefined when the request carries none.
 * Throws 400 for malformed JSON or a scalar, 408 when it takes longer than `patience` milliseconds, 413 beyond `limit` bytes.
 */
export async function readJson(
  request: IncomingMessage,
  limit = 1024 * 1024,
  patience?: number,
): Promise<object | undefined> {
  if (!hasBody(request)) return undefined;
  const text = await readText(request, limit, patience);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw fault(400, 'Malformed JSON in request body.');
  }
  if (typeof value !== 'object' || value === null) throw fault(400, 'Unexpected body type. Expected list/dict.');
  return value;
}
