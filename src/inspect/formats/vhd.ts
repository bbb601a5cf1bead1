import { type DiskFormat, diskSize, harmless, hasText } from '../disk-format.js';

const COOKIE = 'conectix';
const FOOTER = 512;
const CURRENT_SIZE = 48;
const DISK_TYPE = 60;
const FIXED = 2;

/** Virtual PC's dynamic and differencing disks: a copy of the big-endian footer comes first. */
export const vhd: DiskFormat = {
  name: 'vhd',
  *read() {
    const footer = yield { offset: 0, length: FOOTER };
    if (footer.length < FOOTER || !hasText(footer, COOKIE)) return undefined;
    return harmless(diskSize(footer.readBigUInt64BE(CURRENT_SIZE)));
  },
};

/** Virtual PC's fixed disk: raw bytes with a footer at the end. Says little by itself, since any raw disk may end like this. */
export const fixedVhd: DiskFormat = {
  name: 'vhd',
  *read() {
    const footer = yield { last: FOOTER };
    if (footer.length < FOOTER || !hasText(footer, COOKIE) || footer.readUInt32BE(DISK_TYPE) !== FIXED)
      return undefined;
    return harmless(diskSize(footer.readBigUInt64BE(CURRENT_SIZE)));
  },
};
