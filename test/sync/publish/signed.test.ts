import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { createHasher } from '../../../src/hashing/hasher.js';
import { verifyRepository } from '../../../src/sync/publish/verify.js';
import { isSyncError } from '../../../src/sync/sync-error.js';
import { makeKeys } from './keys.js';
import { aSet, inodes, run, someSettings, useRig } from './rig.js';

const has = (tool: string, ...args: string[]): Promise<boolean> =>
  run(tool, args).then(
    () => true,
    () => false,
  );
const gpgv = (await has('gpgv', '--version')) ? test : test.skip;
const minisignTool = (await has('minisign', '-v')) ? test : test.skip;

const sets = [aSet(), aSet({ name: 'stable', channel: 'stable' })];

gpgv('signatures are what gpgv takes, in the clear and beside the file, of every list', async (t) => {
  const rig = await useRig(t);
  await rig.add('some bytes', { name: 'one' });
  const signing = await makeKeys(join(rig.folder, 'keys'), 2);
  await rig.publish({ signing, settings: someSettings({ sets }), now: () => new Date() });
  const verify = async (...args: string[]) =>
    (await run('gpgv', ['--keyring', signing.keyring, ...args], { cwd: rig.root })).stdout;
  for (const prefix of ['', 'sets/all.', 'sets/stable.']) {
    for (const list of ['SHA256SUMS', 'SHA512SUMS']) {
      await verify(`${prefix}${list}.gpg`, `${prefix}${list}`);
      const clear = await verify('--output', '-', `${prefix}${list}.asc`);
      t.is(clear, await readFile(join(rig.root, `${prefix}${list}`), 'utf8'));
    }
    t.is(
      await verify('--output', '-', `${prefix}md5sum.asc`),
      await readFile(join(rig.root, `${prefix}md5sum`), 'utf8'),
    );
  }
  const index = 'streams/v1/index';
  await verify(`${index}.json.gpg`, `${index}.json`);
  const signed = JSON.parse(await verify('--output', '-', `${index}.sjson`));
  const paths = Object.values<{ path: string }>(signed.index).map(({ path }) => path);
  t.deepEqual(paths, ['streams/v1/org.example-all-download.sjson', 'streams/v1/org.example-stable-download.sjson']);
  for (const path of paths) {
    const products = JSON.parse(await verify('--output', '-', path));
    t.deepEqual(products, JSON.parse(await readFile(join(rig.root, path.replace('.sjson', '.json')), 'utf8')));
  }
});

minisignTool('minisign verifies with the old key and with the new one', async (t) => {
  const rig = await useRig(t);
  await rig.add('some bytes', { name: 'one' });
  const signing = await makeKeys(join(rig.folder, 'keys'), 2);
  await rig.publish({ signing, now: () => new Date() });
  const [first = '', second = ''] = signing.minisign;
  const [, id = ''] = signing.signer.publicKeys.minisignIds;
  for (const list of ['SHA256SUMS', 'SHA512SUMS', 'sets/all.SHA256SUMS']) {
    await run('minisign', ['-V', '-P', first, '-m', list], { cwd: rig.root });
    await run('minisign', ['-V', '-P', second, '-m', list, '-x', `${list}.minisig.${id}`], { cwd: rig.root });
    await t.throwsAsync(run('minisign', ['-V', '-P', second, '-m', list], { cwd: rig.root }));
  }
  t.is(await readFile(join(rig.root, 'pubkey.asc'), 'utf8'), signing.signer.publicKeys.openpgp ?? '');
  t.true((await readFile(join(rig.root, 'minisign.pub'), 'utf8')).includes(first));
});

test('a signed repository that did not change is not signed again; another key is a change', async (t) => {
  const rig = await useRig(t);
  await rig.add('some bytes', { name: 'one' });
  const signing = await makeKeys(join(rig.folder, 'keys'));
  await rig.publish({ signing });
  const before = await inodes(rig.root);
  t.false((await rig.publish({ signing })).changed);
  const after = await inodes(rig.root);
  t.deepEqual(
    [...after].filter(([path, inode]) => before.get(path) !== inode).map(([path]) => path),
    ['trace/example.org'],
  );
  t.true((await rig.publish({ signing: await makeKeys(join(rig.folder, 'others')) })).changed);
});

test('a signer whose signature is not good stops the run, and readers keep what they have', async (t) => {
  const rig = await useRig(t);
  await rig.add('some bytes', { name: 'one' });
  const [ours, theirs] = [await makeKeys(join(rig.folder, 'a')), await makeKeys(join(rig.folder, 'b'))];
  await rig.publish({ signing: ours });
  const before = await inodes(rig.root);
  await rig.add('more bytes', { name: 'two' });
  const error = await t.throwsAsync(rig.publish({ signing: { signer: ours.signer, trust: theirs.trust } }));
  t.true(isSyncError(error, 'signature'));
  t.deepEqual(await inodes(rig.root), before);
  t.deepEqual(await readdir(join(rig.root, '.tmp')), []);
});

test('verification finds whatever is wrong', async (t) => {
  const rig = await useRig(t);
  await rig.add('some bytes '.repeat(10_000), { name: 'one', diskFormat: 'qcow2' });
  await rig.add('other bytes', { name: 'two' });
  const signing = await makeKeys(join(rig.folder, 'keys'));
  const packed = someSettings({ sets: [aSet({ encodings: ['gzip', 'none'] })] });
  await rig.publish({ signing, settings: packed, now: () => new Date() });
  const hasher = createHasher();
  t.teardown(() => hasher.close());
  const look = async () => {
    const { target } = await rig.options();
    return verifyRepository({ target, hasher, trust: signing.trust, signal: new AbortController().signal });
  };
  const good = await look();
  t.deepEqual(good.problems, []);
  t.is(good.files, 12);
  const cases: [string, RegExp][] = [
    ['images/other/any/any/one/20170714/one.qcow2.gz', /one\.qcow2\.gz: differs from/],
    ['images/other/any/any/two/20170714/two.properties', /two\.properties: differs from/],
    ['SHA256SUMS.gpg', /SHA256SUMS\.gpg: /],
    ['SHA512SUMS.minisig', /SHA512SUMS\.minisig: /],
    ['md5sum.asc', /md5sum\.asc: /],
    ['sets/all.SHA256SUMS', /sets\/all\.SHA256SUMS/],
    ['streams/v1/index.json', /streams\/v1\/index\.json/],
    ['streams/v1/org.example-all-download.sjson', /org\.example-all-download\.sjson: /],
    ['repo.json', /repo\.json: /],
  ];
  for (const [path, problem] of cases) {
    const file = join(rig.root, path);
    const bytes = await readFile(file);
    const damaged = Buffer.from(bytes);
    const middle = Math.floor(bytes.length / 2);
    damaged[middle] = (damaged[middle] ?? 0) ^ 0x04;
    await writeFile(file, damaged);
    const { problems } = await look();
    t.true(
      problems.some((text) => problem.test(text)),
      `${path}: ${problems.join('; ')}`,
    );
    await writeFile(file, bytes);
  }
  t.deepEqual((await look()).problems, []);
});
