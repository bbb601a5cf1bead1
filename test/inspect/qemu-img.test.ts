import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import test from 'ava';
import { bare, verdict } from './rig.js';

const run = promisify(execFile);
const MIB = 1024 * 1024;
const SIZE = 10 * MIB;

/** A fixed or dynamic VHD of qemu-img has whole cylinders of, at this size, 4 heads and 17 sectors. */
const VHD_SIZE = Math.ceil(SIZE / (4 * 17 * 512)) * 4 * 17 * 512;

const qemuImg = await run('qemu-img', ['--version']).then(
  () => true,
  () => false,
);
/** The title says what a skipped test misses. */
const withQemu = qemuImg ? test : test.skip;
const QEMU = 'with qemu-img (Debian: qemu-utils)';

const bootable = await readFile('/usr/lib/ipxe/ipxe.iso').catch(() => undefined);
const withIso = bootable ? test : test.skip;

/** qemu-img measures the machine to choose the work of a key, and gives up where other work gets in its way. */
async function persistently(args: readonly string[], cwd: string, tries = 20): Promise<void> {
  try {
    await run('qemu-img', args, { cwd });
  } catch (error) {
    if (tries === 1 || !String(error).includes('CPU usage')) throw error;
    await persistently(args, cwd, tries - 1);
  }
}

/** What `qemu-img create` makes in a folder of its own; `base.raw` and `base.vmdk` are there to build on. */
async function created(format: string, options: string, more: readonly string[] = []): Promise<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), 'inspect-'));
  try {
    const create = (...args: readonly string[]) => persistently(['create', '-q', ...args], folder);
    await create('-f', 'raw', 'base.raw', `${SIZE}`);
    await create('-f', 'vmdk', 'base.vmdk', `${SIZE}`);
    await create('-f', format, ...(options ? ['-o', options] : []), ...more, 'disk', `${SIZE}`);
    return await readFile(join(folder, 'disk'));
  } finally {
    await rm(folder, { recursive: true });
  }
}

const LUKS = ['--object', 'secret,id=key,data=abc'];

const SAFE: readonly (readonly [
  declared: string,
  format: string,
  options: string,
  size: number,
  more?: readonly string[],
])[] = [
  ['raw', 'raw', '', SIZE],
  ['qcow2', 'qcow2', 'compat=0.10', SIZE],
  ['qcow2', 'qcow2', 'compat=1.1', SIZE],
  ['qcow2', 'qcow2', 'compression_type=zstd,lazy_refcounts=on', SIZE],
  ['vmdk', 'vmdk', 'subformat=monolithicSparse', SIZE],
  ['vmdk', 'vmdk', 'subformat=streamOptimized', SIZE],
  ['vhd', 'vpc', 'subformat=dynamic', VHD_SIZE],
  ['vhd', 'vpc', 'subformat=fixed', VHD_SIZE],
  ['vhdx', 'vhdx', 'subformat=dynamic', SIZE],
  ['vhdx', 'vhdx', 'subformat=fixed', SIZE],
  ['vdi', 'vdi', '', SIZE],
  ['vdi', 'vdi', 'static=on', SIZE],
  ['luks', 'luks', 'key-secret=key,iter-time=10', SIZE, LUKS],
];

for (const [declared, format, options, virtualSize, more] of SAFE) {
  withQemu(`${QEMU}, safe: ${format} ${options}`, async (t) => {
    t.deepEqual(verdict(await created(format, options, more), bare(declared)), {
      accepted: true,
      virtualSize,
      warnings: [],
    });
  });
}

const UNSAFE: readonly (readonly [declared: string, format: string, options: string, check: string])[] = [
  ['qcow2', 'qcow2', 'backing_file=base.raw,backing_fmt=raw', 'backing_file'],
  ['qcow2', 'qcow2', 'compat=0.10,backing_file=base.raw,backing_fmt=raw', 'backing_file'],
  ['qcow2', 'qcow2', 'data_file=disk.data', 'data_file'],
  ['qcow2', 'qcow2', 'extended_l2=on', 'unknown_features'],
  ['qed', 'qed', '', 'banned'],
  ['vmdk', 'vmdk', 'backing_file=base.vmdk,backing_fmt=vmdk', 'parent'],
  ['vmdk', 'vmdk', 'subformat=monolithicFlat', 'descriptor'],
  ['vmdk', 'vmdk', 'subformat=twoGbMaxExtentSparse', 'descriptor'],
  ['vmdk', 'vmdk', 'subformat=twoGbMaxExtentFlat', 'descriptor'],
];

for (const [format, made, options, check] of UNSAFE) {
  withQemu(`${QEMU}, unsafe: ${made} ${options}`, async (t) => {
    const bytes = await created(made, options);
    for (const declared of [format, 'raw']) {
      t.like(verdict(bytes, bare(declared)), { reason: 'unsafe', failed: { format, check } }, declared);
    }
  });
}

withIso('with ipxe.iso (Debian: ipxe), safe: a bootable ISO with a partition table', (t) => {
  const answer = verdict(bootable ?? Buffer.alloc(0), bare('iso'));
  t.like(answer, { accepted: true, warnings: [] });
  t.true(answer.accepted && answer.virtualSize !== null && answer.virtualSize > 0 && answer.virtualSize % 2048 === 0);
});
