import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import test from 'ava';
import { isRegistryError } from '../../../src/domain/errors.js';
import { createFilesystemStore } from '../../../stores/filesystem/filesystem-store.js';
import { openFiles, testFolder } from '../../suites/store-folder.js';
import { at, calm, chunks } from '../../suites/store-rig.js';

const run = promisify(execFile);
const MIB = 1024 * 1024;
const hint = () => ({ worker: 'w1', signal: calm() });

/** Runs the body with a file system of its own of one MiB. */
async function onSmallDisk(body: (disk: string, parent: string) => Promise<void>): Promise<void> {
  const folder = await testFolder();
  const disk = join(folder.path, 'disk');
  try {
    await mkdir(disk);
    await run('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk]);
    try {
      await body(disk, folder.path);
    } finally {
      await run('umount', [disk]);
    }
  } finally {
    await folder.remove();
  }
}

/** Mounting takes root, and in a container the right to mount as well. */
const mountable = await onSmallDisk(async () => {}).then(
  () => true,
  () => false,
);
const onDisk = mountable ? test.serial : test.serial.skip;

onDisk('a disk that fills up while bytes come is storage-full and left empty', async (t) => {
  await onSmallDisk(async (disk) => {
    const store = await createFilesystemStore({ datadirs: [{ path: disk, priority: 0 }] });
    const put = store.put(randomUUID(), chunks(Buffer.alloc(MIB / 2), Buffer.alloc(MIB)), hint());
    t.true(isRegistryError(await t.throwsAsync(put), 'storage-full'));
    t.deepEqual(await readdir(disk), []);
    t.deepEqual(await openFiles(disk), []);
  });
});

onDisk('a folder without room is skipped, whatever its priority', async (t) => {
  await onSmallDisk(async (disk, parent) => {
    const roomy = join(parent, 'roomy');
    const datadirs = [
      { path: disk, priority: 100 },
      { path: roomy, priority: 0 },
    ];
    const store = await createFilesystemStore({ datadirs });
    const bytes = Buffer.alloc(2 * MIB);
    const large = await store.put(randomUUID(), chunks(bytes), { ...hint(), size: bytes.length });
    t.true(large.url.startsWith(`file://${roomy}/`));
    const small = await store.put(randomUUID(), chunks(Buffer.from('x')), { ...hint(), size: 1 });
    t.true(small.url.startsWith(`file://${disk}/`));
  });
});

onDisk('among folders of one priority the roomiest is filled', async (t) => {
  await onSmallDisk(async (disk, parent) => {
    const roomy = join(parent, 'roomy');
    const datadirs = [disk, roomy].map((path) => ({ path, priority: 7 }));
    const store = await createFilesystemStore({ datadirs });
    const { url } = await store.put(randomUUID(), chunks(Buffer.from('x')), hint());
    t.true(url.startsWith(`file://${roomy}/`));
  });
});

onDisk('a disk that may not be written is storage-denied, at the start an error with its name', async (t) => {
  await onSmallDisk(async (disk) => {
    const options = { datadirs: [{ path: disk, priority: 0 }] };
    const store = await createFilesystemStore(options);
    const { url } = await store.put(randomUUID(), chunks(Buffer.from('x')), hint());
    await run('mount', ['-o', 'remount,ro', disk]);
    const put = store.put(randomUUID(), chunks(Buffer.from('x')), hint());
    t.true(isRegistryError(await t.throwsAsync(put), 'storage-denied'));
    t.true(isRegistryError(await t.throwsAsync(store.remove(at(url))), 'storage-denied'));
    t.is(await store.size(at(url)), 1);
    await t.throwsAsync(createFilesystemStore(options), { message: /disk.*EROFS/s });
  });
});
