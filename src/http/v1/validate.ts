import { fault } from '../fault.js';
import type { ImageMeta } from './image-meta.js';

export interface Formats {
  readonly disk: readonly string[];
  readonly container: readonly string[];
}

const AMAZON = ['aki', 'ari', 'ami'];
const NAME_LENGTH = 255;
const CHECKSUM_LENGTH = 32;

function checkFormat(kind: 'disk' | 'container', value: string | null | undefined, known: readonly string[]): void {
  if (value === undefined || (value !== null && known.includes(value))) return;
  throw fault(400, `Invalid ${kind} format '${value ?? 'None'}' for image.`);
}

/** Amazon's three formats come in pairs of equals: the missing one is taken from the other. */
function completeAmazonFormats(meta: ImageMeta): void {
  const { diskFormat: disk, containerFormat: container } = meta;
  if (![disk, container].some((format) => typeof format === 'string' && AMAZON.includes(format))) return;
  if (disk === undefined) {
    if (container !== undefined) meta.diskFormat = container;
  } else if (container === undefined) {
    meta.containerFormat = disk;
  } else if (disk !== container) {
    throw fault(
      400,
      'Invalid mix of disk and container formats. When setting a disk or container format to one of ' +
        "'aki', 'ari', or 'ami', the container and disk formats must match.",
    );
  }
}

/**
 * Checks what a request alone can be checked for, and completes its formats (image-api-v1 section 2.1).
 * `dataLength`: bytes that the transport announces. Throws 400.
 */
export function validateMeta(meta: ImageMeta, formats: Formats, sizeCap: number, dataLength: number | undefined): void {
  checkFormat('disk', meta.diskFormat, formats.disk);
  checkFormat('container', meta.containerFormat, formats.container);
  if ([...(meta.name ?? '')].length > NAME_LENGTH)
    throw fault(400, `Image name too long: ${[...(meta.name ?? '')].length}`);
  completeAmazonFormats(meta);
  if ((meta.checksum ?? '').length > CHECKSUM_LENGTH) {
    throw fault(400, `Invalid checksum '${meta.checksum}': can't exceed ${CHECKSUM_LENGTH} characters`);
  }
  const size = dataLength !== undefined && dataLength > 0 ? dataLength : meta.size;
  if (size !== undefined && size > sizeCap) {
    throw fault(400, `Denying attempt to upload image larger than ${sizeCap} bytes.`);
  }
}
