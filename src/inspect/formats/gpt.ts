import type { DiskFormat, Violation } from '../disk-format.js';

const SECTOR = 512;
const ENTRIES_AT = 446;
const ENTRY = 16;
const PROTECTIVE = 0xee;

/** A bare disk with a partition table, MBR or GPT (which an MBR protects). The file is the disk, byte for byte. */
export const gpt: DiskFormat = {
  name: 'gpt',
  *read() {
    const sector = yield { offset: 0, length: SECTOR };
    if (sector.length < SECTOR || sector.readUInt16BE(510) !== 0x55aa || isFatBootSector(sector)) return undefined;
    return { recognised: true, virtualSize: (streamSize) => streamSize, violation: violation(sector) };
  },
};

/** A FAT file system without partitions ends its first sector alike. */
function isFatBootSector(sector: Buffer): boolean {
  const copies = sector.readUInt8(0x10);
  const media = sector.readUInt8(0x15);
  return copies === 2 && media === 0xf8;
}

function violation(sector: Buffer): Violation | undefined {
  const entries = [0, 1, 2, 3].map((index) =>
    sector.subarray(ENTRIES_AT + index * ENTRY, ENTRIES_AT + (index + 1) * ENTRY),
  );
  if (entries.some((entry) => (entry.readUInt8(0) & 0x7f) !== 0)) return mbr('a partition has an invalid boot flag');
  const used = entries.filter((entry) => entry.readUInt8(4) !== 0);
  if (used.length === 0) return mbr('there is no partition');
  if (used.every((entry) => entry.readUInt8(4) !== PROTECTIVE)) return undefined;
  const [first] = used;
  if (used.length > 1 || first !== entries[0]) return mbr('the protective partition is not the first and only one');
  const chs = first?.readUIntBE(1, 3);
  const lba = first?.readUInt32LE(8);
  if (chs !== 0x000200 || lba !== 1) return mbr('the protective partition starts at the wrong place');
  return undefined;
}

/** One name for all of them: the one that gpt_safety_checks_nonfatal knows. */
function mbr(reason: string): Violation {
  return { check: 'mbr', reason };
}
