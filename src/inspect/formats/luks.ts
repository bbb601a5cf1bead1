import { type DiskFormat, hasText, type Violation } from '../disk-format.js';

const MAGIC = 'LUKS\xba\xbe';
const SECTOR = 512;
/** Header of version 1, eight key slots included. */
const HEADER = 592;
const SLOT_STATES: readonly number[] = [0x00ac71f3, 0x0000dead];

/** Linux Unified Key Setup, version 1 (on-disk format 1.2.3). What lies encrypted inside cannot be seen without a key. */
export const luks: DiskFormat = {
  name: 'luks',
  *read() {
    const start = yield { offset: 0, length: HEADER };
    if (!hasText(start, MAGIC)) return undefined;
    const header = Buffer.alloc(HEADER);
    start.copy(header);
    const complete = start.length === HEADER;
    const payload = header.readUInt32BE(104) * SECTOR;
    return {
      recognised: true,
      virtualSize: (streamSize) => (payload <= streamSize ? streamSize - payload : null),
      violation: complete ? violation(header, payload) : malformed('the header is cut short'),
    };
  },
};

function violation(header: Buffer, payload: number): Violation | undefined {
  if (header.readUInt16BE(6) !== 1) return { check: 'version', reason: 'only version 1 is allowed' };
  const texts = [header.subarray(8, 40), header.subarray(40, 72), header.subarray(72, 104)];
  if (!texts.every(isName)) return malformed('a name of cipher, mode or hash is malformed');
  const keyBytes = header.readUInt32BE(108);
  if (keyBytes === 0 || keyBytes > SECTOR) return malformed('the length of the key is impossible');
  if (payload < HEADER) return malformed('the payload overlaps the header');
  for (let slot = 208; slot < HEADER; slot += 48) {
    if (!SLOT_STATES.includes(header.readUInt32BE(slot))) return malformed('a key slot is neither in use nor free');
  }
  return undefined;
}

/** Printable ASCII, then zeros. */
function isName(field: Buffer): boolean {
  return /^[!-~]+\0+$/.test(field.toString('latin1'));
}

function malformed(reason: string): Violation {
  return { check: 'header', reason };
}
