import { type DiskFormat, diskSize, harmless } from '../disk-format.js';

const SIGNATURE = 0xbeda107f;

/** VirtualBox's disk image: little-endian, a text of 64 bytes for humans comes first. */
export const vdi: DiskFormat = {
  name: 'vdi',
  *read() {
    const header = yield { offset: 0, length: 512 };
    if (header.length < 512 || header.readUInt32LE(0x40) !== SIGNATURE) return undefined;
    return harmless(diskSize(header.readBigUInt64LE(0x170)));
  },
};
