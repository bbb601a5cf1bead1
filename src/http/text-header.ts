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

/** Text as bytes of a header: UTF-8, with control characters (a line break would end the header) percent-encoded. */
export function encodeHeader(text: string): string {
  const safe = text.replace(/[\p{Cc}]/gu, (character) => encodeURIComponent(character));
  return Buffer.from(safe.toWellFormed(), 'utf8').toString('latin1');
}
