import test from 'ava';
import { LINUX, luks, mbr, type Partition, PROTECTIVE, qcow2, qed } from './crafted.js';
import { bare, verdict } from './rig.js';

type Case = readonly [what: string, format: string, bytes: Buffer, check: string | undefined];

function fat(): Buffer {
  const sector = mbr();
  sector.writeUInt8(2, 0x10);
  sector.writeUInt8(0xf8, 0x15);
  return sector;
}

function protective(change: Partial<Partition>): Partition {
  return { ...PROTECTIVE, ...change };
}

const CASES: readonly Case[] = [
  ['version 1', 'qcow2', qcow2({ version: 1 }), 'version'],
  ['version 2', 'qcow2', qcow2({ version: 2 }), undefined],
  ['version 3', 'qcow2', qcow2({ version: 3 }), undefined],
  ['version 4', 'qcow2', qcow2({ version: 4 }), 'version'],
  ['backing file', 'qcow2', qcow2({ backing: 0x210n }), 'backing_file'],
  ['backing file, high half of the offset', 'qcow2', qcow2({ backing: 1n << 32n }), 'backing_file'],
  ['backing file in version 2', 'qcow2', qcow2({ version: 2, backing: 1n }), 'backing_file'],
  ['dirty, corrupt and compression bits', 'qcow2', qcow2({ features: 0x0bn }), undefined],
  ['external data file', 'qcow2', qcow2({ features: 0x04n }), 'data_file'],
  ['external data file among others', 'qcow2', qcow2({ features: 0x1fn }), 'data_file'],
  ['extended L2', 'qcow2', qcow2({ features: 0x10n }), 'unknown_features'],
  ['highest bit', 'qcow2', qcow2({ features: 1n << 63n }), 'unknown_features'],
  ['version 2 has no features', 'qcow2', qcow2({ version: 2, features: 0xffffn }), undefined],
  ['any', 'qed', qed(), 'banned'],
  ['one partition', 'gpt', mbr(LINUX), undefined],
  ['last entry alone', 'gpt', mbr(undefined, undefined, undefined, LINUX), undefined],
  ['active partition', 'gpt', mbr({ ...LINUX, flag: 0x80 }), undefined],
  ['invalid boot flag', 'gpt', mbr(LINUX, { ...LINUX, flag: 0x81 }), 'mbr'],
  ['invalid boot flag of an unused entry', 'gpt', mbr(LINUX, { type: 0, flag: 0x01 }), 'mbr'],
  ['no partition', 'gpt', mbr(), 'mbr'],
  ['protective partition', 'gpt', mbr(PROTECTIVE), undefined],
  ['protective, wrong head and sector', 'gpt', mbr(protective({ chs: 0x000100 })), 'mbr'],
  ['protective, wrong first block', 'gpt', mbr(protective({ lba: 2 })), 'mbr'],
  ['protective in the second entry', 'gpt', mbr(undefined, PROTECTIVE), 'mbr'],
  ['protective with another', 'gpt', mbr(PROTECTIVE, LINUX), 'mbr'],
  ['another before the protective one', 'gpt', mbr(LINUX, PROTECTIVE), 'mbr'],
  ['version 1', 'luks', luks(), undefined],
  ['version 2', 'luks', luks({ version: 2 }), 'version'],
  ['cipher not text', 'luks', luks({ cipher: 'a\nb' }), 'header'],
  ['no cipher', 'luks', luks({ cipher: '' }), 'header'],
  ['cipher without an end', 'luks', luks({ cipher: 'x'.repeat(32) }), 'header'],
  ['payload over the header', 'luks', luks({ payload: 1 }), 'header'],
  ['no key', 'luks', luks({ keyBytes: 0 }), 'header'],
  ['huge key', 'luks', luks({ keyBytes: 513 }), 'header'],
  ['odd key slot', 'luks', luks({ slot: 1 }), 'header'],
  ['cut short', 'luks', luks().subarray(0, 591), 'header'],
];

for (const [what, format, bytes, check] of CASES) {
  test(`${format}, ${what}: ${check ?? 'safe'}`, (t) => {
    for (const declared of [format, 'raw']) {
      const answer = verdict(bytes, bare(declared));
      if (check === undefined) t.true(answer.accepted, declared);
      else t.like(answer, { accepted: false, reason: 'unsafe', failed: { format, check } }, declared);
    }
  });
}

test('the message names the check that failed', (t) => {
  t.deepEqual(verdict(qcow2({ backing: 512n }), bare('qcow2')), {
    accepted: false,
    reason: 'unsafe',
    message: 'Image failed safety checks: qcow2 backing_file: the image has a backing file',
    failed: { format: 'qcow2', check: 'backing_file', reason: 'the image has a backing file' },
  });
});

test('a FAT file system without partitions is raw', (t) => {
  t.deepEqual(verdict(fat(), bare('raw')), { accepted: true, virtualSize: 4096, warnings: [] });
  t.like(verdict(fat(), bare('gpt')), { reason: 'mismatch' });
  const otherMedia = fat();
  otherMedia.writeUInt8(0xf0, 0x15);
  t.like(verdict(otherMedia, bare('raw')), { reason: 'unsafe' });
  const oneCopy = fat();
  oneCopy.writeUInt8(1, 0x10);
  t.like(verdict(oneCopy, bare('raw')), { reason: 'unsafe' });
});

test('the check of partition tables can be made to warn, and that one alone', (t) => {
  const options = { gptSafetyChecksNonfatal: ['mbr', 'backing_file'] };
  const warning = 'Image failed safety checks: gpt mbr: there is no partition';
  t.deepEqual(verdict(mbr(), bare('raw'), options), { accepted: true, virtualSize: 4096, warnings: [warning] });
  t.like(verdict(qcow2({ backing: 512n }), bare('raw'), options), { reason: 'unsafe' });
  t.like(verdict(mbr(), bare('raw'), { gptSafetyChecksNonfatal: ['other'] }), { reason: 'unsafe' });
});

test('a qcow2 needs 512 bytes to be recognised, yet fewer do not hide a backing file in a raw image', (t) => {
  t.like(verdict(qcow2().subarray(0, 511), bare('qcow2')), {
    message: 'Image disk_format qcow2 does not match stream data raw',
  });
  t.deepEqual(verdict(qcow2().subarray(0, 511), bare('raw')), { accepted: true, virtualSize: 511, warnings: [] });
  t.true(verdict(qcow2().subarray(0, 512), bare('qcow2')).accepted);
  const fragment = qcow2({ backing: 104n }).subarray(0, 200);
  t.like(verdict(fragment, bare('raw')), { reason: 'unsafe', failed: { check: 'backing_file' } });
});

test('in other containers, formats that can name files of the host are still held to their rules', (t) => {
  const ami = { diskFormat: 'ami', containerFormat: 'ami' };
  t.like(verdict(qcow2({ backing: 512n }), ami), { reason: 'unsafe', failed: { check: 'backing_file' } });
  t.like(verdict(qed(), ami), { reason: 'unsafe', failed: { check: 'banned' } });
  t.true(verdict(luks({ version: 2 }), ami).accepted);
});
