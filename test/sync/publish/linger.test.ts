import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { linkSync, mkdirSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { codeOf } from '../../../src/stream/file-errors.js';
import { age, coreutilsCheck, leftovers, run, someSettings, useRig } from './rig.js';

test('who stands in a generation finds everything that it lists, however many follow meanwhile', async (t) => {
  const rig = await useRig(t);
  const going = await rig.add(randomBytes(1000), { name: 'going' });
  await rig.publish();
  const cwd = join(rig.root, 'current');
  const command = 'read go && sha256sum -c --strict --quiet SHA256SUMS && md5sum -c --strict --quiet sets/all.md5sum';
  // The shell follows the link when it begins, and looks when it is told to.
  const reader = spawn('sh', ['-c', command], { cwd, stdio: ['pipe', 'inherit', 'inherit'] });
  const exited = once(reader, 'exit');
  await once(reader, 'spawn');
  await rig.registry.images.delete(going.id, 'deleted', {});
  for (let generation = 2; generation < 8; generation += 1) {
    await rig.add(randomBytes(1000), { name: `coming ${generation}` });
    const { generation: made } = await rig.publish({ now: () => new Date() });
    t.is(made, generation);
  }
  reader.stdin.end('go\n');
  t.deepEqual(await exited, [0, null]);
  t.deepEqual(await leftovers(rig.root), []);
});

test('generations that were replaced go after an hour, or the time of grace where that is shorter; the last one stays', async (t) => {
  const rig = await useRig(t);
  const generations = async () => (await readdir(join(rig.root, '.generations'))).map(Number).sort((a, b) => a - b);
  for (let generation = 1; generation <= 4; generation += 1) {
    await rig.add(randomBytes(100), { name: `image ${generation}` });
    await rig.publish();
  }
  t.deepEqual(await generations(), [1, 2, 3, 4]);
  await age(rig.root);
  await rig.publish();
  t.deepEqual(await generations(), [3, 4]);
  await rig.add(randomBytes(100), { name: 'image 5' });
  await rig.publish();
  t.deepEqual(await generations(), [4, 5], 'the one before the last was replaced long ago, the last one only now');
  await rig.add(randomBytes(100), { name: 'image 6' });
  await rig.publish({ settings: someSettings({ grace: 0 }) });
  t.deepEqual(await generations(), [5, 6]);
});

test('a file that has as many names as the file system allows goes on as a copy', async (t) => {
  const rig = await useRig(t);
  await rig.add(randomBytes(2000), { name: 'popular' });
  await rig.publish();
  const [blob = ''] = await readdir(join(rig.root, '.pool'));
  const [sidecar = ''] = execFileSync('find', [join(rig.root, '.generations'), '-name', '*.properties'], {
    encoding: 'utf8',
  }).split('\n');
  mkdirSync(join(rig.folder, 'names'));
  for (const [index, file] of [join(rig.root, '.pool', blob), sidecar].entries()) {
    try {
      for (let name = 0; name < 70_000; name += 1) linkSync(file, join(rig.folder, 'names', `${index}-${name}`));
      t.pass('this file system gives a file any number of names');
      return;
    } catch (error) {
      t.is(codeOf(error), 'EMLINK');
    }
  }
  const { ino } = await stat(join(rig.root, '.pool', blob));
  await rig.add(randomBytes(100), { name: 'another' });
  t.deepEqual((await rig.publish()).failed, []);
  t.not((await stat(join(rig.root, '.pool', blob))).ino, ino);
  await coreutilsCheck(rig.root);
  await run('rm', ['-r', join(rig.folder, 'names')]);
  t.deepEqual(await leftovers(rig.root), []);
});
