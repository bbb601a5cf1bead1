import { type DiskFormat, harmless, hasText } from '../disk-format.js';

const FIRST_DESCRIPTOR = 32768;
const PRIMARY = 1;

/** ISO 9660 (ECMA-119): the primary volume descriptor, in the 17th sector, counts the volume's blocks. */
export const iso: DiskFormat = {
  name: 'iso',
  *read() {
    const descriptor = yield { offset: FIRST_DESCRIPTOR, length: 2048 };
    if (!hasText(descriptor, 'CD001', 1)) return undefined;
    if (descriptor.length < 130 || descriptor.readUInt8(0) !== PRIMARY) return harmless(null);
    return harmless(descriptor.readUInt32LE(80) * descriptor.readUInt16LE(128));
  },
};
