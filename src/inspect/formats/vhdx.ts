import { type DiskFormat, diskSize, type Finding, harmless, hasText, type Region } from '../disk-format.js';

const KIB = 1024;
const TABLE = 64 * KIB;
const REGION_TABLE_AT = 192 * KIB;
/** GUIDs as they lie in the file ([MS-VHDX] 2.2.3.2 and 2.6.2.1). */
const METADATA_REGION = Buffer.from('06a27c8b90479a4bb8fe575f050f886e', 'hex');
const VIRTUAL_DISK_SIZE = Buffer.from('2442a52f1bcd7648b2115dbed83bf4b8', 'hex');

/** Hyper-V's second disk format: a table of regions leads to the metadata, whose table leads to the size of the disk. */
export const vhdx: DiskFormat = {
  name: 'vhdx',
  *read() {
    const magic = yield { offset: 0, length: 8 };
    if (!hasText(magic, 'vhdxfile')) return undefined;
    return harmless(yield* size());
  },
};

function* size(): Generator<Region, ReturnType<Finding['virtualSize']>, Buffer> {
  const regions = yield { offset: REGION_TABLE_AT, length: TABLE };
  const region =
    regions.length === TABLE && hasText(regions, 'regi')
      ? entry(regions, 16, regions.readUInt32LE(8), METADATA_REGION)
      : undefined;
  const base = region?.length === 32 ? diskSize(region.readBigUInt64LE(16)) : null;
  if (base === null) return null;
  const metadata = yield { offset: base, length: TABLE };
  if (metadata.length < 32 || !hasText(metadata, 'metadata')) return null;
  const item = entry(metadata, 32, metadata.readUInt16LE(10), VIRTUAL_DISK_SIZE);
  if (item?.length !== 32) return null;
  const value = yield { offset: base + item.readUInt32LE(16), length: 8 };
  return value.length === 8 ? diskSize(value.readBigUInt64LE()) : null;
}

/** The entry with this GUID in a table of entries of 32 bytes. */
function entry(table: Buffer, first: number, count: number, guid: Buffer): Buffer | undefined {
  const end = Math.min(first + count * 32, table.length);
  for (let at = first; at < end; at += 32) {
    if (guid.equals(table.subarray(at, at + 16))) return table.subarray(at, at + 32);
  }
  return undefined;
}
