import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rm, stat, symlink, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { isRegistryError } from '../../../../src/domain/errors.js';
import { openFolderTarget } from '../../../../src/sync/publish/targets/folder.js';
import { coreutilsCheck, inodes, leftovers, run, useRig } from '../rig.js';

const calm = () => new AbortController().signal;
const hashOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

async function* once(...chunks: readonly Uint8Array[]) {
  yield* chunks;
}

/** Mounting takes root, and in a container the right to mount as well. */
const mountable = await run('sh', [
  '-c',
  'd=$(mktemp -d) && mount -t tmpfs -o size=1m tmpfs $d && umount $d; rmdir $d',
]).then(
  () => true,
  () => false,
);

test('the root and its folders are for everybody, what the publisher remembers is not', async (t) => {
  const rig = await useRig(t);
  await rig.add('bytes', { name: 'one' });
  const before = process.umask(0o077);
  try {
    await rig.publish();
  } finally {
    process.umask(before);
  }
  const modes = async (path: string) => ((await stat(join(rig.root, path))).mode & 0o777).toString(8);
  for (const path of ['.generations', 'images', 'images/other/any', 'streams/v1', 'sets'])
    t.is(await modes(path), '755', path);
  for (const path of ['SHA256SUMS', 'index.html', 'images/other/any/any/one/20170714/one.raw.gz'])
    t.is(await modes(path), '644', path);
  for (const path of ['.state', '.tmp', '.pool']) t.is(await modes(path), '700', path);
  t.is(((await stat(rig.root)).mode & 0o777).toString(8), '755');
});

test('links of the root are relative, so that the folder can move as a whole', async (t) => {
  const rig = await useRig(t);
  await rig.add('bytes', { name: 'one' });
  await rig.publish();
  const moved = join(rig.folder, 'moved');
  await run('mv', [rig.root, moved]);
  await t.notThrowsAsync(coreutilsCheck(moved));
});

test('files of the operator beside the repository stay; a name that is needed is not taken from them', async (t) => {
  const rig = await useRig(t);
  await rig.add('bytes', { name: 'one' });
  await rig.publish();
  await writeFile(join(rig.root, 'robots.txt'), 'User-agent: *\n');
  await rig.add('more', { name: 'two' });
  await rig.publish();
  t.is(await readFile(join(rig.root, 'robots.txt'), 'utf8'), 'User-agent: *\n');
  await unlink(join(rig.root, 'feed.xml'));
  await writeFile(join(rig.root, 'feed.xml'), 'mine');
  const error = await t.throwsAsync(rig.publish());
  t.true(isRegistryError(error, 'in-use'));
  t.regex(error?.message ?? '', /feed\.xml is in the way/);
});

test('a repository that lost its link to the current generation gets it back', async (t) => {
  const rig = await useRig(t);
  await rig.add('bytes', { name: 'one' });
  await rig.publish();
  for (const damage of [
    () => unlink(join(rig.root, 'current')),
    async () => {
      await unlink(join(rig.root, 'current'));
      await symlink('.generations/99', join(rig.root, 'current'));
    },
    () => rm(join(rig.root, 'images')),
  ]) {
    await damage();
    t.like(await rig.publish(), { generation: 1, changed: false });
    await coreutilsCheck(rig.root);
    t.deepEqual(await leftovers(rig.root), []);
  }
});

test('a blob that the pool lost is read again', async (t) => {
  const rig = await useRig(t);
  await rig.add('bytes', { name: 'one' });
  await rig.publish();
  const [blob = ''] = await readdir(join(rig.root, '.pool'));
  await unlink(join(rig.root, '.pool', blob));
  t.like(await rig.publish(), { changed: false, encoded: 1 });
  t.deepEqual(await leftovers(rig.root), [`.pool/${blob}`].slice(1));
  await coreutilsCheck(rig.root);
});

test('a blob is kept whole or not at all, and once', async (t) => {
  const rig = await useRig(t);
  const target = await openFolderTarget({ path: rig.root });
  const release = await target.lock();
  const bytes = randomBytes(3_000_000);
  const name = hashOf(bytes);
  await t.throwsAsync(
    target.addBlob(once(bytes), () => Promise.reject(new Error('not these')), calm()),
    {
      message: 'not these',
    },
  );
  const broken = (async function* () {
    yield bytes;
    throw new Error('the source broke');
  })();
  await t.throwsAsync(
    target.addBlob(broken, async () => name, calm()),
    { message: 'the source broke' },
  );
  t.is(await target.blobSize(name), undefined);
  t.deepEqual(await readdir(join(rig.root, '.tmp')), []);
  await target.addBlob(once(bytes.subarray(0, 1000), bytes.subarray(1000)), async () => name, calm());
  const { ino } = await stat(join(rig.root, '.pool', name));
  await target.addBlob(once(bytes), async () => name, calm());
  t.is((await stat(join(rig.root, '.pool', name))).ino, ino);
  t.is(await target.blobSize(name), bytes.length);
  await t.throwsAsync(target.blobSize('../escape'));
  await target.clean(0);
  t.is(await target.blobSize(name), undefined);
  await release();
});

(mountable ? test.serial : test.serial.skip)(
  'a full disk is a clear error, and readers keep what they have',
  async (t) => {
    const rig = await useRig(t);
    await mkdir(rig.root);
    await run('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', rig.root]);
    try {
      await rig.add(randomBytes(500_000), { name: 'one' });
      await rig.publish();
      const before = await inodes(rig.root);
      await rig.add(randomBytes(6_000_000), { name: 'too large' });
      const error = await t.throwsAsync(rig.publish());
      t.true(isRegistryError(error, 'storage-full'), String(error));
      t.is(error?.message, `There is no room left for the repository in ${rig.root}.`);
      t.deepEqual(await inodes(rig.root), before);
      t.deepEqual(await readdir(join(rig.root, '.tmp')), []);
      await coreutilsCheck(rig.root);
      // Small files do not fit either.
      await run('sh', ['-c', 'dd if=/dev/zero of=fill bs=4096 2> /dev/null || true'], { cwd: rig.root });
      const full = await t.throwsAsync(rig.publish({ prune: { keep: 1, days: 0 } }));
      t.true(isRegistryError(full, 'storage-full'), String(full));
      t.deepEqual(await inodes(rig.root), before);
      await unlink(join(rig.root, 'fill'));
      await coreutilsCheck(rig.root);
    } finally {
      await run('umount', [rig.root]);
    }
  },
);
