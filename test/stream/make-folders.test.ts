import { chmodSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { makeFolders } from '../../src/stream/make-folders.js';
import { useFolder } from '../support/v1-server.js';

const folder = useFolder({});

test('what is missing above is made too, and what is there stays as it is', async (t) => {
  const path = join(folder, 'a', 'b', 'c');
  t.true(await makeFolders(path, 0o700));
  t.is(statSync(path).mode & 0o777, 0o700);
  chmodSync(path, 0o750);
  t.false(await makeFolders(path, 0o700));
  t.is(statSync(path).mode & 0o777, 0o750);
  symlinkSync(path, join(folder, 'link'));
  t.false(await makeFolders(join(folder, 'link')));
  t.deepEqual(await Promise.all(['x/y/1', 'x/y/2'].map((name) => makeFolders(join(folder, name)))), [true, true]);
});

test('a file in the way, a link to nothing, and a file system that takes no folders are errors', async (t) => {
  writeFileSync(join(folder, 'file'), '');
  await t.throwsAsync(makeFolders(join(folder, 'file')), { code: 'EEXIST' });
  await t.throwsAsync(makeFolders(join(folder, 'file', 'below')), { code: 'ENOTDIR' });
  symlinkSync(join(folder, 'nothing'), join(folder, 'dangling'));
  await t.throwsAsync(makeFolders(join(folder, 'dangling')), { code: 'EEXIST' });
  await t.throwsAsync(makeFolders('/proc/nowhere/at/all'), { code: 'ENOENT' });
});
