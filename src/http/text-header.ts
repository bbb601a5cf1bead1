const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * The text of a header as the client meant it: Node hands bytes over as Latin-1, clients send UTF-8
 * (image-api-v1 section 2.1). What is not UTF-8 stays Latin-1.
 */
export function decodeHeader(raw: string): string {
  try {
    return utf8.decode(Buffer.from(raw, 'latin1'));
  } catch {
    return raw;
  }
}

/** How a text becomes the characters that Node writes as the bytes of a header. */
export type HeaderEncoding = (text: string) => string;

/** Control characters (a line break would end the header) percent-encoded. */
function withoutControls(text: string): string {
  return text.replace(/[\p{Cc}]/gu, (character) => encodeURIComponent(character)).toWellFormed();
}

/** UTF-8: what clients expect (image-api-v1 section 2.1). */
export const encodeHeader: HeaderEncoding = (text) => Buffer.from(withoutControls(text), 'utf8').toString('latin1');

/** Latin-1 where it has all the characters, else UTF-8: for clients that take every header for Latin-1, as Python's do. */
export const encodeLatinHeader: HeaderEncoding = (text) => {
  const safe = withoutControls(text);
  return /^[\x20-\xff]*$/.test(safe) ? safe : encodeHeader(safe);
};
