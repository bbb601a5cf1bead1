import { resolve } from 'node:path';
import test from 'ava';
import { parseFilesystemOptions } from '../../../stores/filesystem/options.js';

test('one folder', (t) => {
  t.deepEqual(parseFilesystemOptions({ datadir: '/srv/images/' }), {
    datadirs: [{ path: '/srv/images', priority: 0 }],
  });
  t.is(parseFilesystemOptions({ datadir: 'images' }).datadirs[0]?.path, resolve('images'));
});

test('several folders with priorities', (t) => {
  const { datadirs } = parseFilesystemOptions({ datadirs: ['/a:100', '/b', ' /c:d/e:-1 ', '/f:g/h'] });
  t.deepEqual(datadirs, [
    { path: '/a', priority: 100 },
    { path: '/b', priority: 0 },
    { path: '/c:d/e', priority: -1 },
    { path: '/f:g/h', priority: 0 },
  ]);
});

for (const [text, mode] of [
  ['0', undefined],
  ['-1', undefined],
  ['416', 0o640],
  ['0640', 0o640],
  ['0o600', 0o600],
  [384, 0o600],
] as const) {
  test(`file permissions ${JSON.stringify(text)}`, (t) => {
    t.is(parseFilesystemOptions({ datadir: '/a', filePermissions: text }).filePermissions, mode);
  });
}

for (const [title, texts, message] of [
  ['neither', {}, /filesystem_store_datadir:/],
  ['both', { datadir: '/a', datadirs: ['/b'] }, /not both/],
  ['no priority', { datadirs: ['/a:'] }, /'\/a:'/],
  ['a priority that is no number', { datadirs: ['/a:high'] }, /'\/a:high'/],
  ['no path', { datadirs: [':1'] }, /':1'/],
  ['a folder twice', { datadirs: ['/a:1', '/a/:2'] }, /\/a twice/],
  ['a mode that is none', { datadir: '/a', filePermissions: 'rw' }, /file_perm: 'rw'/],
  ['a mode too large', { datadir: '/a', filePermissions: '1000' }, /file_perm: '1000'/],
] as const) {
  test(`refused: ${title}`, (t) => {
    t.throws(() => parseFilesystemOptions(texts), { message });
  });
}
