import type { ByteRange } from '../domain/ports/store.js';
import { detailed, fault } from './fault.js';

/** Characters of a header that can be a range; expressions over blanks take quadratic time. */
const LONGEST = 256;

const MULTIPLE =
  'Requests with multiple ranges are not supported in Glance. You may make multiple single-range requests instead.';

function outside(size: number): Error {
  return detailed(
    416,
    `Invalid start position in Range header. Start position MUST be in the inclusive range [0, ${size - 1}].`,
  );
}

/**
 * The bytes that a `Range` header asks of an object of `size` bytes; the end is clamped to the object's.
 * Throws 416 for what is no single range of bytes or lies outside, 400 for several (image-api-v2 section 2.3).
 */
export function parseRange(header: string, size: number): ByteRange {
  if (header.length > LONGEST) throw detailed(416, 'Invalid Range header.');
  if (/^\s*bytes\s*=.*,/.test(header)) throw fault(400, MULTIPLE);
  const match = /^\s*bytes\s*=\s*(\d*)\s*-\s*(\d*)\s*$/.exec(header);
  const [, first = '', last = ''] = match ?? [];
  if (match === null || (first === '' && last === '')) throw detailed(416, 'Invalid Range header.');
  if (first === '') {
    const length = Math.min(Number(last), size);
    if (length === 0) throw outside(size);
    return { start: size - length, end: size - 1 };
  }
  const start = Number(first);
  const end = last === '' ? size - 1 : Math.min(Number(last), size - 1);
  if (start >= size) throw outside(size);
  if (last !== '' && Number(last) < start) throw detailed(416, 'Invalid Range header.');
  return { start, end };
}

/** The bytes that a legacy request `Content-Range: bytes a-b/size` asks for; `*` stands for a size that the client does not know. */
export function parseRequestContentRange(header: string, size: number): ByteRange {
  if (header.length > LONGEST) throw detailed(416, 'Invalid Content-Range header.');
  const match = /^\s*bytes\s+(\d+)-(\d+)\/(\d+|\*)\s*$/.exec(header);
  if (match === null) throw detailed(416, 'Invalid Content-Range header.');
  const [start, end] = [Number(match[1]), Number(match[2])];
  // A range beyond the size that it names itself is none.
  if (end < start || (match[3] !== '*' && end >= Number(match[3])))
    throw detailed(416, 'Invalid Content-Range header.');
  if (end >= size) {
    throw detailed(
      416,
      `Invalid stop position in Content-Range header. The stop position MUST be in the inclusive range [0, ${size - 1}].`,
    );
  }
  return { start, end };
}
