import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import test from 'ava';
import { isRegistryError } from '../../../src/domain/errors.js';
import { parseChecksumFile } from '../../../src/sync/formats/checksum-file.js';
import { parseSyncEntry } from '../../../src/sync/formats/sync-entry.js';
import { planOnce } from '../../../src/sync/publish/plan.js';
import { age, aSet, coreutilsCheck, DAY, inodes, type Rig, someSettings, useRig } from './rig.js';

const at = (days: number) => () => new Date(Date.parse('2026-11-21T12:00:00Z') + days * DAY);

async function listed(rig: Rig, list = 'SHA256SUMS'): Promise<readonly string[]> {
  const paths = parseChecksumFile(await readFile(join(rig.root, list), 'utf8')).entries.map(({ path }) => path);
  return paths.filter((path) => !path.startsWith('repo/'));
}

const sidecars = async (rig: Rig, list?: string) =>
  (await listed(rig, list)).filter((path) => path.endsWith('.properties'));

test('what is published is read by coreutils, at the root and in the generation', async (t) => {
  const rig = await useRig(t);
  await rig.add('some bytes '.repeat(100_000), { name: 'Debian 12', diskFormat: 'qcow2' });
  await rig.add('other bytes', { name: 'cirros', minRam: 64, tags: new Set(['a', 'b']) });
  const result = await rig.publish();
  t.like(result, { generation: 1, changed: true, images: 2, encoded: 2, failed: [] });
  await coreutilsCheck(rig.root);
  t.deepEqual(await listed(rig), [
    'images/other/any/any/cirros/20170714/cirros.properties',
    'images/other/any/any/debian-12/20170714/debian-12.properties',
    'images/other/any/any/cirros/20170714/cirros.raw.gz',
    'images/other/any/any/debian-12/20170714/debian-12.qcow2.gz',
  ]);
  const [path = ''] = await listed(rig);
  const entry = parseSyncEntry(await readFile(join(rig.root, path), 'utf8'), path);
  t.like(entry, { name: 'cirros', expand: 'gzip', size: 11, version: '20170714', tags: ['a', 'b'], warnings: [] });
  t.is(entry.attributes.get('min_ram'), '64');
  const data = await readFile(join(rig.root, path, '..', entry.image));
  t.is(gunzipSync(data).toString(), 'other bytes');
});

test('publishing twice changes no file but the trace', async (t) => {
  const rig = await useRig(t);
  await rig.add('bytes', { name: 'one' });
  await rig.add('more bytes', { name: 'two' });
  await rig.publish();
  const before = await inodes(rig.root);
  t.like(await rig.publish({ now: at(1) }), { generation: 1, changed: false, images: 2, encoded: 0 });
  const after = await inodes(rig.root);
  const moved = [...after].filter(([path, inode]) => before.get(path) !== inode).map(([path]) => path);
  t.deepEqual(moved, ['trace/example.org']);
  t.is(after.size, before.size);
  t.true((await readFile(join(rig.root, 'trace/example.org'), 'utf8')).startsWith('2026-11-22T12:00:00Z\n'));
});

test('one changed image moves alone, and its data is a hard link', async (t) => {
  const rig = await useRig(t);
  const one = await rig.add('bytes', { name: 'one' });
  await rig.add('more bytes', { name: 'two' });
  await rig.publish();
  const before = await inodes(rig.root);
  await rig.registry.images.change(
    one.id,
    { properties: { set: new Map([['hw_disk_bus', 'scsi']]), purge: false } },
    {},
  );
  t.like(await rig.publish({ now: at(1) }), { generation: 2, changed: true, images: 2, encoded: 0 });
  await coreutilsCheck(rig.root);
  const after = await inodes(rig.root);
  t.deepEqual(await sidecars(rig), [
    'images/other/any/any/one/20170714.1/one.properties',
    'images/other/any/any/two/20170714/two.properties',
  ]);
  const data = 'images/other/any/any/one/20170714/one.raw.gz';
  t.is(after.get('images/other/any/any/one/20170714.1/one.raw.gz'), before.get(data));
  for (const path of before.keys()) {
    if (/^(images\/.*\/two|by-hash|images\/.*\/one\/20170714)\//.test(path)) t.is(after.get(path), before.get(path));
  }
  // Back to what it was: a version is never given twice.
  await rig.registry.images.change(one.id, { properties: { set: new Map(), purge: true } }, {});
  await rig.publish({ now: at(2) });
  t.true((await sidecars(rig)).includes('images/other/any/any/one/20170714.2/one.properties'));
});

test('what leaves the lists stays for the time of grace, and is gone after it', async (t) => {
  const rig = await useRig(t);
  const one = await rig.add('bytes', { name: 'one' });
  await rig.add('more bytes', { name: 'two' });
  await rig.publish();
  const old = (await listed(rig)).filter((path) => path.includes('/one/'));
  await rig.registry.images.change(one.id, { visibility: 'private' }, {});
  await rig.publish({ now: at(1) });
  t.false((await listed(rig)).some((path) => path.includes('/one/')));
  for (const path of old) t.true((await stat(join(rig.root, path))).isFile());
  await rig.publish({ now: at(8) });
  for (const path of old) t.true((await stat(join(rig.root, path))).isFile());
  const result = await rig.publish({ now: at(8.1) });
  t.true(result.changed);
  for (const path of old) await t.throwsAsync(stat(join(rig.root, path)), { code: 'ENOENT' });
  // The generation before still has its name for the blob.
  await rig.publish({ now: at(8.2) });
  await age(rig.root);
  t.is((await rig.publish({ now: at(8.3) })).changed, false);
  t.is((await readdir(join(rig.root, '.generations'))).length, 2);
});

test('without grace what leaves is gone with the next generation', async (t) => {
  const rig = await useRig(t);
  const one = await rig.add('bytes', { name: 'one' });
  await rig.publish();
  const old = await listed(rig);
  await rig.registry.images.change(one.id, { visibility: 'private' }, {});
  await rig.publish({ settings: someSettings({ grace: 0 }), now: at(1) });
  for (const path of old) await t.throwsAsync(stat(join(rig.root, path)), { code: 'ENOENT' });
});

test('what was read before an abort is not read again', async (t) => {
  const rig = await useRig(t);
  await rig.add('first', { name: 'one' });
  await rig.add('second', { name: 'two' });
  const abort = new AbortController();
  let made = 0;
  const step = (name: string) => {
    if (name !== 'blob-kept') return;
    made += 1;
    if (made === 2) abort.abort(new Error('enough'));
  };
  const settings = someSettings({ jobs: 1 });
  await t.throwsAsync(rig.publish({ settings, signal: abort.signal, step }), { message: 'enough' });
  t.like(await rig.publish({ settings }), { images: 2, encoded: 0 });
});

test('two images with the same bytes share an inode and are read once', async (t) => {
  const rig = await useRig(t);
  const bytes = randomBytes(2_000_000);
  await rig.add(bytes, { name: 'one' });
  await rig.add(bytes, { name: 'two', diskFormat: 'qcow2' });
  t.is((await rig.publish()).encoded, 1);
  const found = await inodes(rig.root);
  t.is(
    found.get('images/other/any/any/one/20170714/one.raw.gz'),
    found.get('images/other/any/any/two/20170714/two.qcow2.gz'),
  );
  t.is((await readdir(join(rig.root, '.pool'))).length, 1);
});

test('hostile names make safe paths, each image its own', async (t) => {
  const rig = await useRig(t);
  const names = [
    '',
    '..',
    '../../etc/passwd',
    '/abs/olute',
    'a\\b',
    'Debian 12',
    'debian-12',
    'DEBIAN.12',
    'debian 12',
    'ünïcödé',
    '日本語のイメージ',
    '中文',
    '\u202eevil',
    'x'.repeat(255),
    `${'x'.repeat(254)}y`,
    'con',
    '-rf',
    '.hidden',
    'name with  spaces and $(id) `id` ; | & < > " \' %2e%2e',
    '__proto__',
    'a:b:c',
  ];
  for (const name of names) await rig.add(`bytes of ${name}`, { name });
  await rig.add('no name', { name: null });
  t.like(await rig.publish(), { images: names.length + 1, failed: [] });
  await coreutilsCheck(rig.root);
  const paths = await listed(rig);
  t.is(new Set(paths).size, 2 * (names.length + 1));
  for (const path of paths) {
    t.regex(path, /^[a-z0-9._/-]+$/);
    t.false(path.split('/').some((part) => part === '' || part.startsWith('.') || part.length > 200));
  }
  const found = new Set<string>();
  for (const path of await sidecars(rig)) {
    found.add(parseSyncEntry(await readFile(join(rig.root, path), 'utf8'), path).name);
  }
  // Readers name an image without a name by its file.
  t.deepEqual([...found].sort(), names.map((name) => name || 'image').sort());
});

test('builds of one name are versions of one product, in their order', async (t) => {
  const rig = await useRig(t);
  const properties = new Map([
    ['os_distro', 'debian'],
    ['os_version', '12'],
    ['architecture', 'x86_64'],
  ]);
  await rig.add('old', { name: 'Debian 12 generic 20261101', properties });
  await rig.add('new', { name: 'Debian 12 generic 20261120', properties });
  await rig.add('again', { name: 'Debian 12 generic 20261120', properties });
  await rig.add('other', { name: 'Debian-12 generic (20261120)', properties });
  await rig.publish();
  const places = (await sidecars(rig)).map((path) => path.split('/').slice(1, 6).join('/'));
  const [other = '', ...versions] = places;
  t.regex(other, /^debian\/12\/amd64\/generic-[0-9a-f]{8}\/20261120$/);
  t.deepEqual(versions.sort(), [
    'debian/12/amd64/generic/20261101',
    'debian/12/amd64/generic/20261120',
    'debian/12/amd64/generic/20261120.1',
  ]);
});

test('a store that gives other bytes: that image is left out loudly, the others are published', async (t) => {
  const rig = await useRig(t);
  const bad = await rig.add('these bytes', { name: 'bad' });
  const short = await rig.add('some more bytes', { name: 'short' });
  const lost = await rig.add('lost bytes', { name: 'lost' });
  await rig.add('good bytes', { name: 'good' });
  for (const { id } of [bad, short]) await chmod(join(rig.data, id), 0o600);
  await writeFile(join(rig.data, bad.id), 'those bytes');
  await writeFile(join(rig.data, short.id), 'some more');
  await rm(join(rig.data, lost.id));
  const result = await rig.publish();
  t.is(result.images, 1);
  t.deepEqual(result.failed.map(({ name }) => name).sort(), ['bad', 'lost', 'short']);
  t.regex(result.failed.find(({ name }) => name === 'bad')?.message ?? '', /other bytes/);
  await coreutilsCheck(rig.root);
  t.is((await readdir(join(rig.root, '.pool'))).length, 1);
  t.deepEqual(await readdir(join(rig.root, '.tmp')), []);
});

test('only what is public is published, or given to a set that takes tagged images', async (t) => {
  const rig = await useRig(t);
  await rig.add('a', { name: 'public' });
  await rig.add('b', { name: 'private', visibility: 'private' });
  await rig.add('c', { name: 'shared', visibility: 'shared', tags: new Set(['publish:all']) });
  await rig.add('d', { name: 'community', visibility: 'community', tags: new Set(['publish:extra', 'other']) });
  await rig.add('e', { name: 'hidden', hidden: true });
  await rig.add('f', { name: 'off', status: 'deactivated' });
  const names = async (list: string) => {
    const found = await sidecars(rig, list);
    return found.map((path) => path.split('/').at(-1)?.replace('.properties', ''));
  };
  await rig.publish();
  t.deepEqual(await names('SHA256SUMS'), ['public']);
  const sets = [aSet({ hidden: true }), aSet({ name: 'extra', channel: 'daily', tagged: true, selects: () => false })];
  await rig.publish({ settings: someSettings({ sets }), now: at(1) });
  await coreutilsCheck(rig.root);
  t.deepEqual(await names('SHA256SUMS'), ['community', 'hidden', 'public']);
  t.deepEqual(await names('sets/all.SHA256SUMS'), ['hidden', 'public']);
  t.deepEqual(await names('sets/extra.SHA256SUMS'), ['community']);
  const hidden = await Promise.all(
    (await sidecars(rig, 'SHA256SUMS')).map(async (path) => {
      return parseSyncEntry(await readFile(join(rig.root, path), 'utf8'), path).hidden ?? false;
    }),
  );
  t.deepEqual(hidden, [false, true, false]);
  const path = (await sidecars(rig, 'sets/extra.SHA256SUMS'))[0] ?? '';
  const entry = parseSyncEntry(await readFile(join(rig.root, path), 'utf8'), path);
  t.deepEqual(entry.tags, ['other']);
  t.is(entry.attributes.get('is_public'), 'False');
});

test('internal properties stay at home', async (t) => {
  const rig = await useRig(t);
  const properties = new Map<string, string | null>([
    ['os_glance_stage_host', 'http://10.0.0.1'],
    ['owner_specified.openstack.md5', 'x'],
    ['image_sync_source', 'http://elsewhere'],
    ['image_source', 'http://elsewhere/disk.raw.gz'],
    ['stores', 'fast'],
    ['hw_disk_bus', 'scsi'],
    ['empty', null],
  ]);
  await rig.add('a', { name: 'image', properties });
  await rig.publish();
  const [path = ''] = await sidecars(rig);
  const text = await readFile(join(rig.root, path), 'utf8');
  t.notRegex(text, /os_glance|owner_specified|image_sync|image_source|stores|10\.0\.0\.1/);
  t.deepEqual([...parseSyncEntry(text, path).properties].sort(), [
    ['empty', ''],
    ['hw_disk_bus', 'scsi'],
  ]);
});

test('sets keep the newest versions, by number and age', async (t) => {
  const rig = await useRig(t);
  for (const day of ['20260901', '20261001', '20261115', '20261120']) await rig.add(day, { name: `image ${day}` });
  const sets = [
    aSet({ retention: { keep: 1 } }),
    aSet({ name: 'two', channel: 'two', retention: { keep: 2, days: 30 } }),
    aSet({ name: 'month', channel: 'month', retention: { days: 30 } }),
  ];
  await rig.publish({ settings: someSettings({ sets }) });
  const days = async (list: string) => (await sidecars(rig, list)).map((path) => path.split('/').at(-2));
  t.deepEqual(await days('sets/all.md5sum'), ['20261120']);
  t.deepEqual(await days('sets/two.md5sum'), ['20261115', '20261120']);
  t.deepEqual(await days('sets/month.md5sum'), ['20261115', '20261120']);
});

test('pruned versions stay out until they are restored', async (t) => {
  const rig = await useRig(t);
  for (const day of ['20260901', '20261001', '20261120']) await rig.add(day, { name: `image ${day}` });
  t.is((await rig.publish()).images, 3);
  t.is((await rig.publish({ prune: { keep: 1 }, now: at(1) })).images, 1);
  await rig.add('next', { name: 'image 20261121' });
  t.is((await rig.publish({ now: at(2) })).images, 2);
  t.is((await rig.publish({ restore: true, now: at(3) })).images, 4);
  await coreutilsCheck(rig.root);
});

test('a plan says what would be done and writes nothing', async (t) => {
  const rig = await useRig(t);
  const one = await rig.add('bytes', { name: 'one' });
  const plan = await planOnce(await rig.options());
  t.like(plan, { generation: 0, remove: [], keep: 0, failed: [] });
  t.deepEqual(plan.encode, [{ image: one.id, name: 'one', encoding: 'gzip', size: 5 }]);
  await t.throwsAsync(stat(rig.root), { code: 'ENOENT' });
  await rig.publish();
  const before = await inodes(rig.root);
  t.like(await planOnce(await rig.options()), { generation: 1, encode: [], add: [], remove: [], keep: 1 });
  await rig.registry.images.change(one.id, { minRam: 512 }, {});
  const two = await rig.add('more', { name: 'two' });
  const next = await planOnce(await rig.options());
  t.deepEqual(
    next.encode.map(({ image }) => image),
    [two.id],
  );
  t.deepEqual(next.add.map(({ place }) => place).sort(), [
    'other/any/any/one/20170714.1',
    'other/any/any/two/20170714',
  ]);
  t.deepEqual(
    next.remove.map(({ place }) => place),
    ['other/any/any/one/20170714'],
  );
  t.deepEqual(await inodes(rig.root), before);
});

test('an image that is deleted while it is published is no failure', async (t) => {
  const rig = await useRig(t);
  const gone = await rig.add(randomBytes(100_000), { name: 'gone' });
  await rig.add(randomBytes(100_000), { name: 'stays' });
  const options = await rig.options();
  const { source } = options;
  const result = await rig.publish({
    source: {
      ...source,
      async open(image, signal) {
        if (image.id === gone.id) {
          await rig.registry.images.delete(gone.id, 'deleted', {});
          await rm(join(rig.data, gone.id));
        }
        return source.open(image, signal);
      },
    },
  });
  t.like(result, { images: 1, encoded: 1, failed: [] });
  await coreutilsCheck(rig.root);
});

test('an image that stops being public while others are read is not published', async (t) => {
  const rig = await useRig(t);
  const secret = await rig.add('secret', { name: 'secret' });
  await rig.add('bytes', { name: 'public' });
  let changed = false;
  const result = await rig.publish({
    step: async (name) => {
      if (name !== 'blob-kept' || changed) return;
      changed = true;
      await rig.registry.images.change(secret.id, { visibility: 'private' }, {});
    },
  });
  t.true(changed);
  t.is(result.images, 1);
  t.false((await listed(rig)).some((path) => path.includes('secret')));
  t.is((await readdir(join(rig.root, '.pool'))).length, 1);
});

test('a repository that is about to expire is renewed', async (t) => {
  const rig = await useRig(t);
  await rig.add('bytes', { name: 'one' });
  await rig.publish();
  t.false((await rig.publish({ now: at(14) })).changed);
  t.like(await rig.publish({ now: at(16) }), { changed: true, generation: 2, encoded: 0 });
  t.is(JSON.parse(await readFile(join(rig.root, 'repo.json'), 'utf8')).expires, '2027-01-06T12:00:00.000Z');
  // A clock that goes back does not take readers back.
  await rig.add('more bytes', { name: 'two' });
  await rig.publish({ now: at(-100) });
  t.true(JSON.parse(await readFile(join(rig.root, 'repo.json'), 'utf8')).updated > '2026-12-07T12:00:00Z');
});

test('further encodings lie beside the first', async (t) => {
  const rig = await useRig(t);
  await rig.add('bytes '.repeat(1000), { name: 'one', diskFormat: 'qcow2' });
  await rig.publish({ settings: someSettings({ sets: [aSet({ encodings: ['gzip', 'none'] })] }) });
  await coreutilsCheck(rig.root);
  t.deepEqual(
    (await listed(rig)).map((path) => path.split('/').at(-1)),
    ['one.properties', 'one.qcow2', 'one.qcow2.gz'],
  );
});

test('an image without a byte is an image', async (t) => {
  const rig = await useRig(t);
  await rig.add('', { name: 'empty' });
  const sets = [aSet({ encodings: ['gzip', 'none'] })];
  t.like(await rig.publish({ settings: someSettings({ sets }) }), { images: 1, encoded: 2, failed: [] });
  await t.notThrowsAsync(coreutilsCheck(rig.root));
});

test('nothing at all is published whole, too', async (t) => {
  const rig = await useRig(t);
  t.like(await rig.publish(), { generation: 1, changed: true, images: 0 });
  await coreutilsCheck(rig.root);
});

test('a folder with something else in it is refused and left as it is', async (t) => {
  const rig = await useRig(t);
  await mkdir(rig.root);
  await writeFile(join(rig.root, 'precious'), 'x');
  const error = await t.throwsAsync(rig.publish());
  t.true(isRegistryError(error, 'invalid'));
  t.regex(error?.message ?? '', /not empty/);
  t.deepEqual(await readdir(rig.root), ['precious']);
});

test('one publisher at a time', async (t) => {
  const rig = await useRig(t);
  await rig.add('bytes', { name: 'one' });
  const { target } = await rig.options();
  const release = await target.lock();
  t.true(isRegistryError(await t.throwsAsync(rig.publish()), 'busy'));
  await release();
  t.true((await rig.publish()).changed);
});

test('an abort ends the run, and readers keep what they have', async (t) => {
  const rig = await useRig(t);
  await rig.add('bytes', { name: 'one' });
  await rig.publish();
  const before = await inodes(rig.root);
  await rig.add(randomBytes(3_000_000), { name: 'two' });
  for (const step of ['blob-written', 'tree-half', 'state-written']) {
    const abort = new AbortController();
    await t.throwsAsync(
      rig.publish({
        signal: abort.signal,
        step: (name) => {
          if (name === step) abort.abort(new Error('enough'));
        },
      }),
      { message: 'enough' },
    );
    t.deepEqual(await inodes(rig.root), before);
    t.deepEqual(await readdir(join(rig.root, '.tmp')), []);
  }
  t.is((await rig.publish({ now: at(1) })).images, 2);
});
