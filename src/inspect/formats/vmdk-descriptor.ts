import type { Violation } from '../disk-format.js';

/** Real ones have some dozens; a MiB of short lines would hold up every other request for a tenth of a second. */
const MOST_LINES = 10_000;
const COMMENT = /^#/;
const DISK_DATABASE = /^ddb/i;
const SETTING = /^\w[\w.]*\s*=/;
const EXTENT = /^(rw|rdonly|noaccess)\s/i;
const CREATE_TYPE = /^createType\s*=\s*"?([^"]*)"?$/i;

/**
 * The rule that the descriptor of a VMDK breaks, if any: its lines are comments, settings and extents alone, the type is allowed,
 * no extent lies in another folder (image-api-v2 section 3.5). `length` is the number of bytes that the header announces.
 */
export function descriptorViolation(
  bytes: Buffer,
  length: number,
  allowedTypes: readonly string[],
): Violation | undefined {
  if (bytes.length < length) return descriptor('the descriptor is cut short');
  const end = bytes.indexOf(0);
  const text = bytes.toString('latin1', 0, end < 0 ? bytes.length : end);
  if (!/^[\t\n\r -~]*$/.test(text)) return descriptor('the descriptor is not plain ASCII');
  // Tools look for these words anywhere in the text, comments included, and take the first.
  if (/parentFileNameHint/i.test(text)) return { check: 'parent', reason: 'the image builds on another file' };
  if (text.match(/createType/gi)?.length !== 1) return createType('the descriptor must name its createType once');
  const lines = text.split(/[\r\n]+/, MOST_LINES + 1);
  if (lines.length > MOST_LINES) return descriptor('the descriptor has too many lines');
  let typed = false;
  let extents = 0;
  for (const line of lines.map((raw) => raw.trim())) {
    const [, type] = CREATE_TYPE.exec(line) ?? [];
    if (type !== undefined && !allowedTypes.includes(type)) return createType('the createType is not allowed');
    typed ||= type !== undefined;
    if (EXTENT.test(line)) {
      extents += 1;
      if (line.includes('/')) return { check: 'extent', reason: 'an extent names a path' };
    } else if (line && ![COMMENT, DISK_DATABASE, SETTING].some((form) => form.test(line))) {
      return descriptor('the descriptor has a line that is neither comment, setting nor extent');
    }
  }
  if (!typed) return createType('the createType is not a line of its own');
  return extents === 0 ? { check: 'extent', reason: 'the descriptor names no extent' } : undefined;
}

function descriptor(reason: string): Violation {
  return { check: 'descriptor', reason };
}

function createType(reason: string): Violation {
  return { check: 'create_type', reason };
}
