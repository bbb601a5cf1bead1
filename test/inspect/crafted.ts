/** Headers of disk images, written byte by byte from the formats' descriptions: none of them comes from the code under test. */

const SECTOR = 512;
export const GIB = 1024 ** 3;
export const AT_END = 0xffff_ffff_ffff_ffffn;

export interface Qcow2Fields {
  readonly version?: number;
  readonly backing?: bigint;
  readonly features?: bigint;
  readonly size?: bigint;
}

export function qcow2({ version = 3, backing = 0n, features = 0n, size = BigInt(GIB) }: Qcow2Fields = {}): Buffer {
  const header = Buffer.alloc(1024);
  header.write('QFI\xfb', 'latin1');
  header.writeUInt32BE(version, 4);
  header.writeBigUInt64BE(backing, 8);
  header.writeBigUInt64BE(size, 24);
  header.writeBigUInt64BE(features, 0x48);
  return header;
}

export function qed(): Buffer {
  return Buffer.concat([Buffer.from('QED\0'), Buffer.alloc(1020)]);
}

export function vdi(size = BigInt(GIB)): Buffer {
  const header = Buffer.alloc(1024);
  header.write('<<< Oracle VM VirtualBox Disk Image >>>\n');
  header.writeUInt32LE(0xbeda107f, 0x40);
  header.writeBigUInt64LE(size, 0x170);
  return header;
}

export function vhdFooter(type: number, size = BigInt(GIB)): Buffer {
  const footer = Buffer.alloc(SECTOR);
  footer.write('conectix');
  footer.writeBigUInt64BE(size, 48);
  footer.writeUInt32BE(type, 60);
  return footer;
}

export function vhd(): Buffer {
  return Buffer.concat([vhdFooter(3), Buffer.alloc(SECTOR), vhdFooter(3)]);
}

export interface VhdxFields {
  readonly metadataAt?: number;
  readonly regionTable?: string;
  readonly size?: bigint;
}

export function vhdx({ metadataAt = 320 * 1024, regionTable = 'regi', size = BigInt(GIB) }: VhdxFields = {}): Buffer {
  const file = Buffer.alloc(448 * 1024);
  const table = 192 * 1024;
  file.write('vhdxfile');
  file.write(regionTable, table);
  file.writeUInt32LE(2, table + 8);
  // The block allocation table comes first: the entry wanted is the second one.
  file.write('6677c22d23f600429d64115e9bfd4a08', table + 16, 'hex');
  file.write('06a27c8b90479a4bb8fe575f050f886e', table + 48, 'hex');
  file.writeBigUInt64LE(BigInt(metadataAt), table + 64);
  file.write('metadata', metadataAt);
  file.writeUInt16LE(1, metadataAt + 10);
  file.write('2442a52f1bcd7648b2115dbed83bf4b8', metadataAt + 32, 'hex');
  file.writeUInt32LE(65536, metadataAt + 48);
  file.writeBigUInt64LE(size, metadataAt + 65536);
  return file;
}

export interface IsoFields {
  readonly type?: number;
  readonly standard?: string;
  /** What the system area begins with, e.g. a partition table. */
  readonly start?: Buffer;
}

export function iso({ type = 1, standard = 'CD001', start = Buffer.alloc(0) }: IsoFields = {}): Buffer {
  const file = Buffer.alloc(32768 + 2048);
  start.copy(file);
  file.writeUInt8(type, 32768);
  file.write(standard, 32769);
  file.writeUInt32LE(700, 32768 + 80);
  file.writeUInt16LE(2048, 32768 + 128);
  return file;
}

export interface Partition {
  readonly flag?: number;
  readonly chs?: number;
  readonly type: number;
  readonly lba?: number;
}

export const LINUX: Partition = { type: 0x83, lba: 2048 };
export const PROTECTIVE: Partition = { type: 0xee, chs: 0x000200, lba: 1 };

/** A disk with a partition table; undefined is an entry not in use. */
export function mbr(...entries: readonly (Partition | undefined)[]): Buffer {
  const disk = Buffer.alloc(4096);
  for (const [index, entry] of entries.entries()) {
    const at = 446 + 16 * index;
    disk.writeUInt8(entry?.flag ?? 0, at);
    disk.writeUIntBE(entry?.chs ?? 0, at + 1, 3);
    disk.writeUInt8(entry?.type ?? 0, at + 4);
    disk.writeUInt32LE(entry?.lba ?? 0, at + 8);
  }
  disk.writeUInt16BE(0x55aa, 510);
  return disk;
}

export interface LuksFields {
  readonly version?: number;
  readonly cipher?: string;
  readonly payload?: number;
  readonly keyBytes?: number;
  readonly slot?: number;
}

/** LUKS with 8 sectors of header and, by default, 4 KiB of payload. */
export function luks({
  version = 1,
  cipher = 'aes',
  payload = 8,
  keyBytes = 64,
  slot = 0xdead,
}: LuksFields = {}): Buffer {
  const file = Buffer.alloc(8192);
  file.write('LUKS\xba\xbe', 'latin1');
  file.writeUInt16BE(version, 6);
  file.write(cipher, 8);
  file.write('xts-plain64', 40);
  file.write('sha256', 72);
  file.writeUInt32BE(payload, 104);
  file.writeUInt32BE(keyBytes, 108);
  for (let index = 0; index < 8; index += 1) file.writeUInt32BE(index === 0 ? 0x00ac71f3 : slot, 208 + 48 * index);
  return file;
}

export interface VmdkFields {
  readonly version?: number;
  readonly descriptorAt?: bigint;
  readonly descriptorSectors?: bigint;
  readonly grainDirectory?: bigint;
}

export const EXTENT = 'RW 2097152 SPARSE "disk.vmdk"';

export function descriptor(type = 'monolithicSparse', ...extents: readonly string[]): string {
  const lines = [
    '# Disk DescriptorFile',
    'version=1',
    'CID=61bcd7a4',
    'parentCID=ffffffff',
    `createType="${type}"`,
    '',
  ];
  return [...lines, ...(extents.length > 0 ? extents : [EXTENT]), '#DDB', 'ddb.adapterType = "ide"', ''].join('\n');
}

export function vmdkHeader(fields: VmdkFields = {}): Buffer {
  const header = Buffer.alloc(SECTOR);
  header.write('KDMV');
  header.writeUInt32LE(fields.version ?? 1, 4);
  header.writeBigUInt64LE(2097152n, 12);
  header.writeBigUInt64LE(fields.descriptorAt ?? 1n, 28);
  header.writeBigUInt64LE(fields.descriptorSectors ?? 20n, 36);
  header.writeBigUInt64LE(fields.grainDirectory ?? 21n, 56);
  return header;
}

export function vmdk(text: string = descriptor(), fields: VmdkFields = {}): Buffer {
  const body = Buffer.alloc(64 * SECTOR);
  body.write(text, 'latin1');
  return Buffer.concat([vmdkHeader(fields), body]);
}

export interface FooterFields {
  readonly copy?: Buffer;
  readonly marker?: { readonly sectors: bigint; readonly size: number; readonly type: number };
  readonly end?: Buffer;
}

/** A streamOptimized file as VMware writes it: the grain directory is found from the footer. */
export function streamOptimized({ copy, marker, end = Buffer.alloc(SECTOR) }: FooterFields = {}): Buffer {
  const mark = Buffer.alloc(SECTOR);
  mark.writeBigUInt64LE(marker?.sectors ?? 1n);
  mark.writeUInt32LE(marker?.size ?? 0, 8);
  mark.writeUInt32LE(marker?.type ?? 3, 12);
  const start = vmdk(descriptor('streamOptimized'), { version: 3, grainDirectory: AT_END });
  return Buffer.concat([start, mark, copy ?? vmdkHeader({ version: 3, grainDirectory: 30n }), end]);
}
