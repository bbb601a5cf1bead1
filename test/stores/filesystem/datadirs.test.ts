import { randomUUID } from 'node:crypto';
import { chmod, mkdir, readdir, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { isRegistryError } from '../../../src/domain/errors.js';
import { createFilesystemStore } from '../../../stores/filesystem/filesystem-store.js';
import { type TestFolder, testFolder } from '../../suites/store-folder.js';
import { at, calm, chunks, contents } from '../../suites/store-rig.js';

async function inFolder(body: (folder: TestFolder) => Promise<void>): Promise<void> {
  const folder = await testFolder();
  try {
    await body(folder);
  } finally {
    await folder.remove();
  }
}

const hint = () => ({ worker: 'w1', signal: calm() });

test('makes its folders, and fills the one of the highest priority', async (t) => {
  await inFolder(async ({ path }) => {
    const [low, high] = [join(path, 'low'), join(path, 'deep', 'high')];
    const store = await createFilesystemStore({
      datadirs: [
        { path: low, priority: 1 },
        { path: high, priority: 200 },
      ],
    });
    const key = randomUUID();
    t.is((await store.put(key, chunks(Buffer.from('x')), hint())).url, `file://${high}/${key}`);
    t.deepEqual(await readdir(low), []);
  });
});

test('finds a key taken in any of its folders', async (t) => {
  await inFolder(async ({ path }) => {
    const key = randomUUID();
    const [low, high] = [join(path, 'low'), join(path, 'high')];
    const datadirs = [
      { path: low, priority: 1 },
      { path: high, priority: 2 },
    ];
    const store = await createFilesystemStore({ datadirs });
    await writeFile(join(low, key), 'old');
    const error = await t.throwsAsync(store.put(key, chunks(Buffer.from('new')), hint()));
    t.true(isRegistryError(error, 'duplicate'));
    t.is((await contents(await store.open(at(`file://${low}/${key}`), undefined, calm()))).toString(), 'old');
  });
});

test('announced sizes beyond all room are refused before a byte is written', async (t) => {
  await inFolder(async ({ path, leftovers }) => {
    const store = await createFilesystemStore({ datadirs: [{ path, priority: 0 }] });
    let asked = false;
    const source = async function* () {
      asked = true;
      yield Buffer.from('x');
    };
    const error = await t.throwsAsync(store.put(randomUUID(), source(), { ...hint(), size: 2 ** 53 - 1 }));
    t.true(isRegistryError(error, 'storage-full'));
    t.false(asked);
    t.deepEqual(await leftovers(), []);
  });
});

for (const [title, permissions, mode] of [
  ['by default', {}, 0o640],
  ['as configured', { filePermissions: 0o604 }, 0o604],
] as const) {
  test(`files have their mode ${title}`, async (t) => {
    await inFolder(async ({ path }) => {
      const store = await createFilesystemStore({ datadirs: [{ path, priority: 0 }], ...permissions });
      const key = randomUUID();
      await store.put(key, chunks(Buffer.from('x')), hint());
      t.is((await stat(join(path, key))).mode & 0o777, mode);
    });
  });
}

test('a folder that cannot be made stops the start and is named', async (t) => {
  await inFolder(async ({ path }) => {
    await writeFile(join(path, 'file'), '');
    const datadirs = [{ path: join(path, 'file', 'images'), priority: 0 }];
    await t.throwsAsync(createFilesystemStore({ datadirs }), { message: /file\/images.*ENOTDIR/s });
  });
});

test('locations outside of the folders are refused, links in place of files are not followed', async (t) => {
  await inFolder(async ({ path }) => {
    const inside = join(path, 'images');
    const [key, link, folder] = [randomUUID(), randomUUID(), randomUUID()];
    await mkdir(inside);
    await writeFile(join(path, key), 'secret');
    await chmod(join(path, key), 0o600);
    await symlink(join(path, key), join(inside, link));
    await mkdir(join(inside, folder));
    const store = await createFilesystemStore({ datadirs: [{ path: inside, priority: 0 }] });
    for (const [url, kind] of [
      [`file://${path}/${key}`, 'invalid'],
      [`file://${inside}/../${key}`, 'invalid'],
      [`file://${inside}/./${key}`, 'invalid'],
      [`file://${inside}/sub/${key}`, 'invalid'],
      [`file://localhost${inside}/${key}`, 'invalid'],
      [`file://${inside}/${key}\0`, 'invalid'],
      [`file://${inside}/`, 'invalid'],
      [`http://${inside}/${key}`, 'invalid'],
      ['file:///etc/passwd', 'invalid'],
      [`file://${inside}/${link}`, 'not-found'],
      [`file://${inside}/${folder}`, 'not-found'],
    ] as const) {
      const error = await t.throwsAsync(store.open(at(url), undefined, calm()), undefined, url);
      t.true(isRegistryError(error, kind), url);
      t.false(error?.message.includes(path), 'no path in the message');
    }
  });
});

test('temporary files carry image and worker; discard and sweep remove those of the dead alone', async (t) => {
  await inFolder(async ({ path }) => {
    const store = await createFilesystemStore({ datadirs: [{ path, priority: 0 }] });
    const [a, b, c] = [randomUUID(), randomUUID(), randomUUID()];
    const foreign = ['README', '.hidden', `.${a}.part`, `.not-an-id.w1.part`];
    const left = [`.${a}.dead-1.part`, `.${b}.live-1.part`, `.${c}.dead-2.part`];
    for (const name of [...left, ...foreign]) await writeFile(join(path, name), 'x');
    await store.discard(c, 'dead-2');
    const asked: string[][] = [];
    const report = await store.sweep?.({
      standing: async () => new Map(),
      aliveWorkers: async (workers) => {
        asked.push([...workers].sort());
        return new Set(['live-1']);
      },
    });
    t.deepEqual(report, { removed: 1, unknown: 0 });
    t.deepEqual(asked, [['dead-1', 'live-1']]);
    t.deepEqual((await readdir(path)).sort(), [...foreign, `.${b}.live-1.part`].sort());
  });
});

test('an upload whose temporary file was discarded meanwhile fails and shows nothing', async (t) => {
  await inFolder(async ({ path, leftovers }) => {
    const store = await createFilesystemStore({ datadirs: [{ path, priority: 0 }] });
    const key = randomUUID();
    const source = async function* () {
      yield Buffer.from('x');
      await store.discard(key, 'w1');
    };
    t.true(isRegistryError(await t.throwsAsync(store.put(key, source(), hint())), 'storage-unavailable'));
    t.deepEqual(await readdir(path), []);
    t.deepEqual(await leftovers(), []);
  });
});

test('a worker id that is no file name is refused', async (t) => {
  await inFolder(async ({ path }) => {
    const store = await createFilesystemStore({ datadirs: [{ path, priority: 0 }] });
    const put = store.put(randomUUID(), chunks(Buffer.from('x')), { ...hint(), worker: '../x' });
    await t.throwsAsync(put, { message: /worker id/ });
    t.deepEqual(await readdir(path), []);
  });
});
