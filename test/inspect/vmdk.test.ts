import test from 'ava';
import { AT_END, descriptor, EXTENT, streamOptimized, vmdk, vmdkHeader } from './crafted.js';
import { bare, verdict } from './rig.js';

type Case = readonly [what: string, bytes: Buffer, check: string | undefined];

const SECTOR = 512;
const MARKER = { sectors: 1n, size: 0, type: 3 };

/** A file whose descriptor takes this many sectors. */
function long(sectors: number, more = ''): Buffer {
  const body = Buffer.alloc((sectors + 1) * SECTOR);
  body.write(descriptor() + more);
  return Buffer.concat([vmdkHeader({ descriptorSectors: BigInt(sectors) }), body]);
}

function withLine(line: string): Buffer {
  return vmdk(`${descriptor()}${line}\n`);
}

const CASES: readonly Case[] = [
  ['monolithicSparse', vmdk(), undefined],
  ['lines that end as on Windows', vmdk(descriptor().replaceAll('\n', '\r\n')), undefined],
  ['version 2', vmdk(descriptor(), { version: 2 }), undefined],
  ['version 0', vmdk(descriptor(), { version: 0 }), 'version'],
  ['version 4', vmdk(descriptor(), { version: 4 }), 'version'],
  ['descriptor elsewhere', vmdk(descriptor(), { descriptorAt: 2n }), 'descriptor'],
  ['descriptor far away', vmdk(descriptor(), { descriptorAt: 1n << 40n }), 'descriptor'],
  ['no descriptor', vmdk('', { descriptorSectors: 0n }), 'create_type'],
  ['descriptor below 1 MiB', long(2047), undefined],
  ['descriptor of 1 MiB', long(2048), 'descriptor'],
  ['descriptor of all sectors there are', vmdk(descriptor(), { descriptorSectors: AT_END }), 'descriptor'],
  ['descriptor cut short', vmdk().subarray(0, 21 * SECTOR - 1), 'descriptor'],
  ['descriptor not ASCII', withLine('encoding="\xe9"'), 'descriptor'],
  ['control characters', withLine('a=\x07'), 'descriptor'],
  ['line of another kind', withLine('Hello, world'), 'descriptor'],
  ['many lines', withLine('#\n'.repeat(2000)), undefined],
  ['too many lines', long(2047, '#\n'.repeat(10_000)), 'descriptor'],
  ['createType monolithicFlat', vmdk(descriptor('monolithicFlat')), 'create_type'],
  ['createType in other letters', vmdk(descriptor('MonolithicSparse')), 'create_type'],
  ['createType with more behind it', vmdk(descriptor('monolithicSparse" "')), 'create_type'],
  ['no createType', vmdk(`version=1\n${EXTENT}\n`), 'create_type'],
  ['two createTypes', withLine('createType="monolithicSparse"'), 'create_type'],
  ['a createType in a comment before', vmdk(`# createType="monolithicFlat"\n${descriptor()}`), 'create_type'],
  ['createType in a comment alone', vmdk(`# createType="monolithicSparse"\n${EXTENT}\n`), 'create_type'],
  ['read-only extent', vmdk(descriptor('monolithicSparse', 'rdonly 1 SPARSE "a.vmdk"')), undefined],
  ['extent without access', vmdk(descriptor('monolithicSparse', 'NOACCESS 1 ZERO')), undefined],
  ['no extent', vmdk('createType="monolithicSparse"\n'), 'extent'],
  ['extent with a path', vmdk(descriptor('monolithicSparse', 'RW 1 FLAT "/etc/passwd" 0')), 'extent'],
  ['second extent with a path', vmdk(descriptor('monolithicSparse', EXTENT, 'RW 1 FLAT "../a" 0')), 'extent'],
  ['extent behind a lone carriage return', withLine('a=b\rRW 1 FLAT "/etc/passwd" 0'), 'extent'],
  ['parent file', withLine('parentFileNameHint="base.vmdk"'), 'parent'],
  ['footer', streamOptimized(), undefined],
  ['footer missing', vmdk(descriptor('streamOptimized'), { grainDirectory: AT_END }), 'footer'],
  ['footer cut short', streamOptimized().subarray(0, 66 * SECTOR), 'footer'],
  ['footer not at the very end', Buffer.concat([streamOptimized(), Buffer.alloc(SECTOR)]), 'footer'],
  ['footer of another signature', streamOptimized({ copy: Buffer.alloc(SECTOR) }), 'footer'],
  ['footer of another version', streamOptimized({ copy: vmdkHeader({ version: 1 }) }), 'footer'],
  ['footer, descriptor elsewhere', streamOptimized({ copy: vmdkHeader({ version: 3, descriptorAt: 9n }) }), 'footer'],
  [
    'footer, descriptor longer',
    streamOptimized({ copy: vmdkHeader({ version: 3, descriptorSectors: 21n }) }),
    'footer',
  ],
  ['footer to a footer', streamOptimized({ copy: vmdkHeader({ version: 3, grainDirectory: AT_END }) }), 'footer'],
  ['footer marker, sectors', streamOptimized({ marker: { ...MARKER, sectors: 2n } }), 'footer'],
  ['footer marker, size', streamOptimized({ marker: { ...MARKER, size: 1 } }), 'footer'],
  ['footer marker, type', streamOptimized({ marker: { ...MARKER, type: 2 } }), 'footer'],
  ['end marker', streamOptimized({ end: Buffer.alloc(SECTOR, 1) }), 'footer'],
  ['descriptor by itself', Buffer.from(descriptor()), 'descriptor'],
  [
    'descriptor by itself, not at once to be known',
    Buffer.from('#\n \r\n# x\nversion=1\nRW 1 FLAT "/x"\n'),
    'descriptor',
  ],
];

for (const [what, bytes, check] of CASES) {
  test(`${what}: ${check ?? 'safe'}`, (t) => {
    for (const declared of ['vmdk', 'raw']) {
      const answer = verdict(bytes, bare(declared));
      if (check === undefined) t.true(answer.accepted, declared);
      else t.like(answer, { reason: 'unsafe', failed: { format: 'vmdk', check } }, declared);
    }
  });
}

test('the types allowed are the operator’s', (t) => {
  const options = { vmdkAllowedTypes: ['monolithicFlat'] };
  t.true(verdict(vmdk(descriptor('monolithicFlat')), bare('vmdk'), options).accepted);
  t.like(verdict(vmdk(), bare('vmdk'), options), { failed: { check: 'create_type' } });
});

test('a header of less than a sector is no VMDK', (t) => {
  t.like(verdict(vmdkHeader().subarray(0, 511), bare('vmdk')), { reason: 'mismatch' });
});
