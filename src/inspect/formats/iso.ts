import { type DiskFormat, harmless } from '../disk-format.js';

const FIRST_DESCRIPTOR = 32768;
const PRIMARY = 1;
const ISO_9660 = 'CD001';
/** A UDF volume (ECMA-167) begins its descriptors at the same place, with or without ISO 9660 before them. */
const STANDARDS: readonly string[] = [ISO_9660, 'BEA01', 'NSR02', 'NSR03'];

/** ISO 9660 (ECMA-119): the primary volume descriptor, in the 17th sector, counts the volume's blocks. */
export const iso: DiskFormat = {
  name: 'iso',
  *read() {
    const descriptor = yield { offset: FIRST_DESCRIPTOR, length: 2048 };
    const standard = descriptor.toString('latin1', 1, 6);
    if (!STANDARDS.includes(standard)) return undefined;
    if (standard !== ISO_9660 || descriptor.length < 130 || descriptor.readUInt8(0) !== PRIMARY) return harmless(null);
    return harmless(descriptor.readUInt32LE(80) * descriptor.readUInt16LE(128));
  },
};
