import type { ServerResponse } from 'node:http';
import { encodeHeader, type HeaderEncoding } from './text-header.js';

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/**
 * Writes the head of an answer with headers whose names may be any text: API v1 shows property names in UTF-8
 * (image-api-v1 section 2.1), but Node takes tokens only. Such a header is set under a stand-in name, which the finished head
 * is rid of before it leaves. Characters that would break the head (controls, blanks, colons) are percent-encoded.
 */
export function writeTextHead(
  response: ServerResponse,
  status: number,
  headers: Iterable<readonly [string, string]>,
  encode: HeaderEncoding = encodeHeader,
): void {
  const standIns: [string, string][] = [];
  for (const [name, value] of headers) {
    if (TOKEN.test(name)) {
      response.setHeader(name, encode(value));
      continue;
    }
    const standIn = `x-glimpse-text-name-${standIns.length}`;
    standIns.push([standIn, encodeHeader(name.replace(/[\s:]/g, (character) => encodeURIComponent(character)))]);
    response.setHeader(standIn, encode(value));
  }
  response.writeHead(status);
  if (standIns.length === 0) return;
  // Node keeps the finished head as a string until the first write.
  const head: unknown = Reflect.get(response, '_header');
  if (typeof head !== 'string') return;
  const renamed = standIns.reduce((text, [from, to]) => text.replace(`\r\n${from}: `, () => `\r\n${to}: `), head);
  Reflect.set(response, '_header', renamed);
}
