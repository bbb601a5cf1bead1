import { type DiskFormat, diskSize, hasText, type Violation } from '../disk-format.js';

const MAGIC = 'QFI\xfb';
const HEADER = 512;

/** Incompatible features, docs/interop/qcow2 of QEMU: dirty, corrupt, external data file, compression type, extended L2. */
const DATA_FILE = 0x04n;
const HARMLESS = 0x01n | 0x02n | 0x08n;

/** QEMU's copy-on-write format, versions 2 and 3 (image-api-v2 section 3.5; CVE-2015-5163, CVE-2024-32498). */
export const qcow2: DiskFormat = {
  name: 'qcow2',
  *read() {
    const start = yield { offset: 0, length: HEADER };
    if (!hasText(start, MAGIC)) return undefined;
    // QEMU reads zeros behind the end of a file, so that even a fragment can name a backing file.
    const header = Buffer.alloc(HEADER);
    start.copy(header);
    return {
      recognised: start.length === HEADER,
      virtualSize: () => diskSize(header.readBigUInt64BE(24)),
      violation: violation(header),
    };
  },
};

function violation(header: Buffer): Violation | undefined {
  const version = header.readUInt32BE(4);
  if (version !== 2 && version !== 3) return { check: 'version', reason: 'only versions 2 and 3 are allowed' };
  if (header.readBigUInt64BE(8) !== 0n) return { check: 'backing_file', reason: 'the image has a backing file' };
  // In version 2 the header ends before the features.
  const features = version === 3 ? header.readBigUInt64BE(0x48) : 0n;
  if (features & DATA_FILE) return { check: 'data_file', reason: 'the image has an external data file' };
  if (features & ~HARMLESS) {
    return { check: 'unknown_features', reason: 'the image needs features that are unknown or not allowed' };
  }
  return undefined;
}
