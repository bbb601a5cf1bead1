import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync } from 'node:fs';
import { dirname } from 'node:path';
import test from 'ava';
import { actions, failure, MirrorJob } from '../../support/mirror-job.js';
import { addImage, directoryOf, hexOf } from '../../support/mirror-repository.js';
import { MirrorSource } from '../../support/mirror-source.js';

const mount = (folder: string, size: string): void => {
  mkdirSync(folder, { recursive: true });
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', folder]);
};
const unmount = (folder: string): unknown => execFileSync('umount', [folder]);

/** Mounting takes root, and in a container the right to mount as well. */
const mountable = (() => {
  try {
    const probe = execFileSync('mktemp', ['-d'], { encoding: 'utf8' }).trim();
    execFileSync('sh', [
      '-c',
      'mount -t tmpfs tmpfs "$1" 2> /dev/null && umount "$1"; e=$?; rmdir "$1"; exit $e',
      '-',
      probe,
    ]);
    return true;
  } catch {
    return false;
  }
})();
const withMounts = mountable ? test : test.skip;

withMounts(
  'A work folder without room: refused before, given up in the middle, and continued where the rest fits',
  async (t) => {
    const source = await MirrorSource.open();
    t.teardown(() => source.close());
    const { data, sidecar } = await addImage(source.files, 'images/0', {
      bytes: randomBytes(3_000_000),
      encoding: 'none',
    });
    source.put('SHA256SUMS', directoryOf(source.files));
    const job = new MirrorJob(t, source);
    mount(job.work, '4m');
    try {
      const bytes = source.files.get(data) ?? Buffer.alloc(0);
      source.behaviours.set(data, (_, response) => {
        response.writeHead(200, { 'content-length': bytes.length, etag: `"${hexOf('md5', bytes)}"` });
        response.write(bytes.subarray(0, 2_000_000), () => setTimeout(() => response.destroy(), 50));
      });
      failure(t, await job.run());
      t.is(job.left().length, 2, 'what the next run continues');
      source.behaviours.delete(data);
      t.deepEqual(
        actions(await job.run()),
        { 'An image': 'imported' },
        'two thirds of it are there, and the rest fits',
      );
      source.files.clear();
      const large = await addImage(source.files, 'images/1', {
        name: 'Large',
        bytes: randomBytes(6_000_000),
        encoding: 'none',
      });
      source.put('SHA256SUMS', directoryOf(source.files));
      t.regex(failure(t, await job.run()), /There is room for \d+ bytes in .*, and 6000000 are to come/);
      const text =
        source.files
          .get(large.sidecar)
          ?.toString()
          .replace(/^org\.openstack\.sync__1__size=.*\n/m, '') ?? '';
      t.not(sidecar, large.sidecar);
      source.put(large.sidecar, text);
      source.put('SHA256SUMS', directoryOf(source.files));
      t.regex(failure(t, await job.run()), /image\.raw: there is no room left in the work folder/);
      t.deepEqual(readdirSync(job.work), []);
      job.assertClean(t);
    } finally {
      unmount(job.work);
    }
  },
);

withMounts('A state that cannot be written is an error of its own, before anything is imported', async (t) => {
  const source = await MirrorSource.open();
  t.teardown(() => source.close());
  await addImage(source.files, 'images/0', { bytes: randomBytes(3000) });
  source.put('SHA256SUMS', directoryOf(source.files));
  const job = new MirrorJob(t, source);
  const folder = dirname(job.stateFile);
  mount(folder, '4k');
  try {
    execFileSync('sh', ['-c', 'dd if=/dev/zero of=fill bs=4096 2> /dev/null || true'], { cwd: folder });
    const error = await job.refusal(t);
    t.is(error.kind, 'usage');
    t.regex(error.message, /job\.json: the state cannot be written \(ENOSPC\)/);
    t.deepEqual(job.destination.writes, []);
    t.deepEqual(readdirSync(folder), ['fill']);
  } finally {
    unmount(folder);
  }
});
