import { fault } from '../fault.js';

/** Characters; what a pointer can name is far shorter, and error messages repeat it. */
const LONGEST = 2048;

function decodeToken(token: string): string {
  return token.replaceAll('~1', '/').replaceAll('~0', '~').trim();
}

/**
 * Tokens of a pointer into an image, blanks around each cut off. `/` alone points to the property with the empty name.
 * Throws 400 (image-api-v2 section 2.2, PATCH).
 */
export function parsePointer(pointer: string): readonly string[] {
  if (pointer.length > LONGEST) throw fault(400, `A pointer is longer than ${LONGEST} characters.`);
  if (!pointer.startsWith('/')) throw fault(400, `Pointer \`${pointer}\` does not start with "/".`);
  const inner = pointer.slice(1);
  if (inner.includes('//')) throw fault(400, `Pointer \`${pointer}\` contains adjacent "/".`);
  if (inner.endsWith('/')) throw fault(400, `Pointer \`${pointer}\` end with "/".`);
  if (/~(?![01])/.test(pointer)) {
    throw fault(400, `Pointer \`${pointer}\` contains "~" not part of a recognized escape sequence.`);
  }
  return inner.split('/').map(decodeToken);
}
