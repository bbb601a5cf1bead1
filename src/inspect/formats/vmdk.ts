import { type DiskFormat, diskSize, type Finding, hasText, type Violation } from '../disk-format.js';
import { descriptorViolation } from './vmdk-descriptor.js';

const MAGIC = 'KDMV';
/** A descriptor by itself; QEMU takes any text for one in which comments and blank lines lead to a version. */
const TEXT = /^(# Disk DescriptorFile|(#[^\n]*\n|[ \r\n])*version=[123]\r?\n)/i;
const SECTOR = 512;
const MOST_DESCRIPTOR = 1024 * 1024;
/** The header of a streamOptimized file sends its reader to a copy of itself, between two markers at the end. */
const AT_END = 0xffff_ffff_ffff_ffffn;
const FOOTER = 3 * SECTOR;
const FOOTER_MARKER = { sectors: 1n, size: 0, type: 3 };

/** VMware's sparse extent with its descriptor inside (Virtual Disk Format 5.0; CVE-2022-47951, CVE-2024-32498). */
export const vmdk: DiskFormat = {
  name: 'vmdk',
  *read(rules) {
    const header = yield { offset: 0, length: SECTOR };
    if (TEXT.test(header.toString('latin1'))) {
      return finding(null, { check: 'descriptor', reason: 'a text descriptor has its disk in other files' });
    }
    if (header.length < SECTOR || !hasText(header, MAGIC)) return undefined;
    const capacity = header.readBigUInt64LE(12) * BigInt(SECTOR);
    const wrong = headerViolation(header);
    if (wrong) return finding(capacity, wrong);
    const length = Number(header.readBigUInt64LE(36)) * SECTOR;
    const descriptor = yield { offset: SECTOR, length };
    const bad = descriptorViolation(descriptor, length, rules.vmdkAllowedTypes);
    if (bad || header.readBigUInt64LE(56) !== AT_END) return finding(capacity, bad);
    return finding(capacity, footerViolation(header, yield { last: FOOTER }));
  },
};

function finding(capacity: bigint | null, violation: Violation | undefined): Finding {
  return { recognised: true, virtualSize: () => (capacity === null ? null : diskSize(capacity)), violation };
}

function headerViolation(header: Buffer): Violation | undefined {
  const version = header.readUInt32LE(4);
  if (version < 1 || version > 3) return { check: 'version', reason: 'only versions 1 to 3 are allowed' };
  if (header.readBigUInt64LE(28) !== 1n) {
    return { check: 'descriptor', reason: 'the descriptor is not in the sector after the header' };
  }
  if (header.readBigUInt64LE(36) * BigInt(SECTOR) >= BigInt(MOST_DESCRIPTOR)) {
    return { check: 'descriptor', reason: 'the descriptor is 1 MiB or longer' };
  }
  return undefined;
}

function footerViolation(header: Buffer, tail: Buffer): Violation | undefined {
  if (tail.length < FOOTER) return wrongFooter('it is missing');
  const copy = tail.subarray(SECTOR, 2 * SECTOR);
  const marked =
    tail.readBigUInt64LE(0) === FOOTER_MARKER.sectors &&
    tail.readUInt32LE(8) === FOOTER_MARKER.size &&
    tail.readUInt32LE(12) === FOOTER_MARKER.type;
  if (!marked) return wrongFooter('its marker is wrong');
  if (tail.subarray(2 * SECTOR).some((byte) => byte !== 0)) return wrongFooter('the end-of-stream marker is wrong');
  // Signature and version; place and size of the descriptor: whichever of the two a tool trusts, it reads what was checked.
  const agrees = header.compare(copy, 0, 8, 0, 8) === 0 && header.compare(copy, 28, 44, 28, 44) === 0;
  if (!agrees) return wrongFooter('it disagrees with the header');
  if (copy.readBigUInt64LE(56) === AT_END) return wrongFooter('it points to another footer');
  return undefined;
}

function wrongFooter(why: string): Violation {
  return { check: 'footer', reason: `the footer cannot be trusted: ${why}` };
}
