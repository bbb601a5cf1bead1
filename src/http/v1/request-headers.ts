import type { IncomingMessage } from 'node:http';
import { headerOf } from '../context.js';
import { decodeHeader, encodeHeader, encodeLatinHeader, type HeaderEncoding } from '../text-header.js';
import { originalHeaderName } from '../unknown-head.js';

/**
 * Clients of this name percent-encode header names and values since 2.12, which no server ever decoded (image-api-v1 section 2.1),
 * and take the headers of answers for Latin-1.
 */
const ENCODING_CLIENT = /^python-glanceclient\b/;

function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function isEncodingClient(request: IncomingMessage): boolean {
  return ENCODING_CLIENT.test(headerOf(request, 'user-agent') ?? '');
}

/** How texts are to be written into the headers of the answer. */
export function headerEncoding(request: IncomingMessage): HeaderEncoding {
  return isEncodingClient(request) ? encodeLatinHeader : encodeHeader;
}

/** How this request's header names and values are to be read. */
function reader(request: IncomingMessage): (raw: string) => string {
  return isEncodingClient(request) ? (raw) => percentDecoded(decodeHeader(raw)) : decodeHeader;
}

/** All headers with names in lower case and values as the client meant them; of a repeated one, all values joined. */
export function textHeaders(request: IncomingMessage): [string, string][] {
  const read = reader(request);
  return Object.keys(request.headers).map((name) => {
    const text = read(originalHeaderName(request, name)).toLowerCase();
    return [text, read(headerOf(request, name) ?? '')];
  });
}

/** One header as the client meant it. */
export function textHeader(request: IncomingMessage, name: string): string | undefined {
  const raw = headerOf(request, name);
  return raw === undefined ? undefined : reader(request)(raw);
}
