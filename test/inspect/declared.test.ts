import test from 'ava';
import type { Verdict } from '../../src/domain/ports/inspector.js';
import { GIB, iso, LINUX, luks, mbr, PROTECTIVE, qcow2, vdi, vhd, vhdFooter, vhdx, vmdk } from './crafted.js';
import { bare, verdict } from './rig.js';

const NOTHING = Buffer.from('none of the formats that have a magic');
const ISO_SIZE = 700 * 2048;

function accepted(virtualSize: number | null, ...warnings: string[]): Verdict {
  return { accepted: true, virtualSize, warnings };
}

function mismatch(declared: string, rest: string): Verdict {
  const message = `Image disk_format ${declared} does not match stream data${rest}`;
  return { accepted: false, reason: 'mismatch', message };
}

const MATCHING: readonly (readonly [format: string, bytes: Buffer, virtualSize: number | null])[] = [
  ['raw', NOTHING, NOTHING.length],
  ['raw', Buffer.alloc(0), 0],
  ['raw', mbr(LINUX), 4096],
  ['qcow2', qcow2(), GIB],
  ['qcow2', qcow2({ version: 2 }), GIB],
  ['vhd', vhd(), GIB],
  ['vhdx', vhdx(), GIB],
  ['vmdk', vmdk(), GIB],
  ['vdi', vdi(), GIB],
  ['iso', iso(), ISO_SIZE],
  ['gpt', mbr(PROTECTIVE), 4096],
  ['luks', luks(), 4096],
];

for (const [index, [format, bytes, virtualSize]] of MATCHING.entries()) {
  test(`the stream is what was declared: ${format} (${index})`, (t) => {
    t.deepEqual(verdict(bytes, bare(format)), accepted(virtualSize));
  });
}

test('a size that the registry cannot count is left out', (t) => {
  t.deepEqual(verdict(qcow2({ size: 2n ** 53n }), bare('qcow2')), accepted(null));
  t.deepEqual(verdict(vdi(2n ** 53n - 1n), bare('vdi')), accepted(2 ** 53 - 1));
});

test('a VHDX whose size cannot be found is a VHDX without a size', (t) => {
  const lost = [vhdx({ regionTable: 'none' }), vhdx({ metadataAt: 64 * 1024 }), vhdx().subarray(0, 320 * 1024)];
  for (const file of lost) t.deepEqual(verdict(file, bare('vhdx')), accepted(null));
});

test('an ISO without a primary volume descriptor in its place, and a UDF volume, are ISOs without a size', (t) => {
  const files = [iso({ type: 0 }), iso({ standard: 'BEA01' }), iso({ standard: 'NSR03' }), iso().subarray(0, 32800)];
  for (const file of files) t.deepEqual(verdict(file, bare('iso')), accepted(null));
});

test('a bootable ISO, which begins with a partition table, is an ISO, and that table is not judged', (t) => {
  for (const start of [mbr(LINUX), mbr()]) {
    t.deepEqual(verdict(iso({ start }), bare('iso')), accepted(ISO_SIZE));
    t.deepEqual(verdict(iso({ start }), bare('gpt')), mismatch('gpt', ' iso'));
  }
});

test('a fixed VHD is known by its last sector, for who declares one', (t) => {
  for (const disk of [NOTHING, mbr(LINUX), mbr()]) {
    t.deepEqual(verdict(Buffer.concat([disk, vhdFooter(2)]), bare('vhd')), accepted(GIB));
  }
  const file = Buffer.concat([NOTHING, vhdFooter(2)]);
  t.deepEqual(verdict(file, bare('raw')), accepted(file.length));
  t.deepEqual(verdict(file, bare('vdi')), mismatch('vdi', ' raw'));
  t.deepEqual(verdict(Buffer.concat([NOTHING, vhdFooter(3)]), bare('vhd')), mismatch('vhd', ' raw'));
});

test('several formats at once are refused, also as raw', (t) => {
  const both = iso({ start: qcow2() });
  for (const format of ['qcow2', 'iso', 'raw', 'ami']) {
    t.deepEqual(verdict(both, bare(format)), mismatch(format, ', which looks like qcow2 and iso at once'));
  }
});

test('declared raw, something recognised: accepted with a warning, as large as the stream', (t) => {
  for (const [format, bytes] of MATCHING) {
    if (format === 'raw' || format === 'gpt') continue;
    const warning = `Image disk_format raw was declared for stream data ${format}`;
    t.deepEqual(verdict(bytes, bare('raw')), accepted(bytes.length, warning));
  }
});

test('nothing recognised, declared a format without a magic: accepted, size unknown', (t) => {
  for (const format of ['ami', 'ari', 'aki', 'ploop', 'root-tar']) {
    t.deepEqual(verdict(NOTHING, bare(format)), accepted(null));
  }
});

test('nothing recognised, declared a format with a magic: refused', (t) => {
  for (const format of ['qcow2', 'vhd', 'vhdx', 'vmdk', 'vdi', 'qed', 'iso', 'gpt', 'luks']) {
    t.deepEqual(verdict(NOTHING, bare(format)), mismatch(format, ' raw'));
    t.deepEqual(verdict(Buffer.alloc(0), bare(format)), mismatch(format, ' raw'));
  }
});

test('recognised, declared another: refused', (t) => {
  t.deepEqual(verdict(qcow2(), bare('iso')), mismatch('iso', ' qcow2'));
  t.deepEqual(verdict(mbr(LINUX), bare('vdi')), mismatch('vdi', ' gpt'));
  t.deepEqual(verdict(qcow2(), bare('ami')), mismatch('ami', ' qcow2'));
  // A wrong format is told before a broken rule: the image may well be safe as what it is.
  t.deepEqual(verdict(qcow2({ backing: 512n }), bare('vmdk')), mismatch('vmdk', ' qcow2'));
});

test('where formats need not match, a mismatch only warns', (t) => {
  const lenient = { requireImageFormatMatch: false };
  const stated = 'Image disk_format iso does not match stream data';
  t.deepEqual(verdict(qcow2(), bare('iso'), lenient), accepted(null, `${stated} qcow2`));
  t.deepEqual(verdict(NOTHING, bare('iso'), lenient), accepted(null, `${stated} raw`));
  const both = iso({ start: qcow2() });
  t.deepEqual(verdict(both, bare('iso'), lenient), accepted(null, `${stated}, which looks like qcow2 and iso at once`));
  t.like(verdict(qcow2({ backing: 512n }), bare('iso'), lenient), { reason: 'unsafe' });
});

test('in other containers the format is not compared, and no size is told', (t) => {
  for (const containerFormat of ['ami', 'ovf', 'ova', 'docker', null]) {
    t.deepEqual(verdict(qcow2(), { diskFormat: 'ami', containerFormat }), accepted(null));
    t.deepEqual(verdict(qcow2(), { diskFormat: 'qcow2', containerFormat }), accepted(null));
    t.deepEqual(verdict(NOTHING, { diskFormat: 'raw', containerFormat }), accepted(null));
    t.deepEqual(verdict(mbr(), { diskFormat: 'aki', containerFormat }), accepted(null));
  }
});

test('nothing declared, nothing to match', (t) => {
  t.deepEqual(verdict(qcow2(), { diskFormat: null, containerFormat: 'bare' }), accepted(null));
});
