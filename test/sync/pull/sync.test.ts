import { randomBytes } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import test, { type ExecutionContext } from 'ava';
import { actions, MirrorJob } from '../../support/mirror-job.js';
import { addImage, directoryOf, hexOf, type MadeImage } from '../../support/mirror-repository.js';
import { MirrorSource } from '../../support/mirror-source.js';

const DEBIAN: MadeImage = {
  name: 'Debian 12',
  bytes: randomBytes(3_000_000),
  version: '20261120',
  properties: { os_version: '12', hw_disk_bus: 'scsi', 'org.openstack__1__architecture': 'x64' },
  tags: ['linux', 'a b'],
};
const ALPINE: MadeImage = {
  name: 'Alpine',
  bytes: randomBytes(70_000),
  version: '20261101',
  encoding: 'none',
  isPublic: false,
};

async function rig(t: ExecutionContext, images: readonly MadeImage[] = [DEBIAN, ALPINE]) {
  const source = await MirrorSource.open();
  t.teardown(() => source.close());
  for (const [index, image] of images.entries()) await addImage(source.files, `images/${index}`, image);
  source.put('SHA256SUMS', directoryOf(source.files));
  return { source, job: new MirrorJob(t, source) };
}

test('A repository is mirrored whole: bytes, attributes, properties, tags, visibility and where it came from', async (t) => {
  const { source, job } = await rig(t);
  const outcome = await job.run();
  t.deepEqual(actions(outcome), { 'Debian 12': 'imported', Alpine: 'imported' });
  t.deepEqual(outcome.warnings, []);
  const images = new Map([...job.destination.images.values()].map((image) => [image.name, image]));
  const debian = images.get('Debian 12');
  t.is(debian?.visibility, 'public');
  t.is(images.get('Alpine')?.visibility, 'private');
  t.deepEqual(debian?.tags.toSorted(), ['a b', 'linux']);
  t.deepEqual(Object.fromEntries(debian?.properties ?? []), {
    os_version: '12',
    hw_disk_bus: 'scsi',
    'org.openstack__1__architecture': 'x64',
    architecture: 'x86_64',
    image_source: `${source.url}images/0/20261120/image.raw.gz`,
    image_sync_source: `${source.url}images/0/20261120/image.properties`,
    image_sync_serial: '20261120',
  });
  t.true(job.destination.bytes.get(debian?.id ?? '')?.equals(DEBIAN.bytes));
  t.true(job.destination.bytes.get(images.get('Alpine')?.id ?? '')?.equals(ALPINE.bytes));
  job.assertClean(t);
});

test('A second run makes one request and no write, at the destination or in the state', async (t) => {
  const { source, job } = await rig(t);
  await job.run();
  const [requests, writes] = [source.requests.length, job.destination.writes.length];
  const { ino, mtimeMs } = statSync(job.stateFile);
  t.deepEqual(actions(await job.run()), { 'Debian 12': 'up-to-date', Alpine: 'up-to-date' });
  t.deepEqual(source.requests.slice(requests), ['SHA256SUMS']);
  t.is(job.destination.writes.length, writes);
  t.deepEqual({ ino: statSync(job.stateFile).ino, mtimeMs: statSync(job.stateFile).mtimeMs }, { ino, mtimeMs });
});

test('A server without validators costs a request for the directory and nothing more', async (t) => {
  const { source, job } = await rig(t);
  source.validates = false;
  await job.run();
  const before = source.requests.length;
  await job.run();
  t.deepEqual(source.requests.slice(before), ['SHA256SUMS']);
});

test('One image that is new upstream moves alone', async (t) => {
  const { source, job } = await rig(t);
  await job.run();
  await addImage(source.files, 'images/2', { name: 'Fedora', bytes: randomBytes(1000), version: '20261121' });
  source.put('SHA256SUMS', directoryOf(source.files));
  const before = source.requests.length;
  t.deepEqual(actions(await job.run()), { 'Debian 12': 'up-to-date', Alpine: 'up-to-date', Fedora: 'imported' });
  t.deepEqual(source.requests.slice(before), [
    'SHA256SUMS',
    'images/2/20261121/image.properties',
    'images/2/20261121/image.raw.gz',
  ]);
});

test('New properties of the same bytes are written without the bytes; those that went upstream go, those of others stay', async (t) => {
  const { source, job } = await rig(t, [DEBIAN]);
  await job.run();
  const [id = ''] = job.destination.images.keys();
  await job.destination.change(id, { set: new Map([['site', 'west']]), tags: ['linux', 'a b', 'local'] });
  for (const path of [...source.files.keys()]) source.files.delete(path);
  const changed = { ...DEBIAN, version: '20261120.1', properties: { os_version: '12.1' }, tags: ['linux'] };
  await addImage(source.files, 'images/0', changed);
  source.put('SHA256SUMS', directoryOf(source.files));
  job.destination.writes.length = 0;
  t.deepEqual(actions(await job.run()), { 'Debian 12': 'refreshed' });
  t.deepEqual(job.destination.writes, ['change']);
  const image = job.destination.images.get(id);
  t.deepEqual(image?.tags.toSorted(), ['linux', 'local']);
  t.deepEqual([image?.properties.get('os_version'), image?.properties.get('site')], ['12.1', 'west']);
  t.false(image?.properties.has('hw_disk_bus'));
  t.is(image?.properties.get('image_sync_serial'), '20261120.1');
  job.destination.writes.length = 0;
  t.deepEqual(actions(await job.run()), { 'Debian 12': 'up-to-date' });
  t.deepEqual(job.destination.writes, []);
});

test('Drift is mended: a property that somebody changed is what the source says again', async (t) => {
  const { job } = await rig(t, [DEBIAN]);
  await job.run();
  const [id = ''] = job.destination.images.keys();
  await job.destination.change(id, { set: new Map([['os_version', '11']]) });
  t.deepEqual(actions(await job.run()), { 'Debian 12': 'refreshed' });
  t.is(job.destination.images.get(id)?.properties.get('os_version'), '12');
});

test('A visibility that the operator chose stays', async (t) => {
  const { job } = await rig(t, [DEBIAN]);
  await job.run();
  const [id = ''] = job.destination.images.keys();
  await job.destination.change(id, { visibility: 'private' });
  t.deepEqual(actions(await job.run()), { 'Debian 12': 'up-to-date' });
  t.is(job.destination.images.get(id)?.visibility, 'private');
});

test('--prefix, --filter, --max and --visibility', async (t) => {
  const { job } = await rig(t, [
    DEBIAN,
    { ...DEBIAN, name: 'Debian 12 old', version: '20261001', bytes: randomBytes(100) },
    ALPINE,
  ]);
  const filters = [(fields: ReadonlyMap<string, string>) => (fields.get('name') ?? '').startsWith('Debian')];
  const outcome = await job.run({ prefix: 'mirror/', filters, visibility: 'community' });
  t.deepEqual(actions(outcome), { 'mirror/Debian 12': 'imported', 'mirror/Debian 12 old': 'imported' });
  t.deepEqual(
    new Set([...job.destination.images.values()].map(({ visibility }) => visibility)),
    new Set(['community']),
  );
});

test('--max takes the newest versions of each product; --prune hides those that it takes no longer', async (t) => {
  const { source, job } = await rig(t, []);
  for (const version of ['20261101', '20261102', '20261110', '20261109']) {
    await addImage(source.files, 'images/a', { name: `A ${version}`, version, bytes: randomBytes(10) });
  }
  await addImage(source.files, 'images/b', { name: 'B', version: '20250101', bytes: randomBytes(10) });
  source.put('SHA256SUMS', directoryOf(source.files));
  t.deepEqual(actions(await job.run({ max: 3 })), {
    'A 20261102': 'imported',
    'A 20261109': 'imported',
    'A 20261110': 'imported',
    B: 'imported',
  });
  t.deepEqual(actions(await job.run({ max: 1, prune: true })), {
    'A 20261110': 'up-to-date',
    B: 'up-to-date',
    'A 20261102': 'hidden',
    'A 20261109': 'hidden',
  });
});

test('A dry run says what it would do, and writes nothing anywhere', async (t) => {
  const { job } = await rig(t);
  t.deepEqual(actions(await job.run({ dryRun: true })), { 'Debian 12': 'imported', Alpine: 'imported' });
  t.deepEqual(job.destination.writes, []);
  t.throws(() => statSync(job.stateFile), { code: 'ENOENT' });
  job.assertClean(t);
});

test('Where there is no SHA256SUMS the md5sum of 2012 is read; the second run asks for that alone', async (t) => {
  const { source, job } = await rig(t, [ALPINE]);
  source.files.delete('SHA256SUMS');
  source.put('md5sum', directoryOf(source.files, 'md5'));
  t.deepEqual(actions(await job.run()), { Alpine: 'imported' });
  const before = source.requests.length;
  await job.run();
  t.deepEqual(source.requests.slice(before), ['md5sum']);
});

test('The 2012 example, with MD5 alone and no version, is mirrored', async (t) => {
  const { source, job } = await rig(t, []);
  source.files.delete('SHA256SUMS');
  const bytes = randomBytes(5000);
  source.put('images/debian_squeeze_20120425.image', bytes);
  source.put(
    'images/debian_squeeze_20120425.properties',
    `org.openstack.sync__1__size=${bytes.length}\norg.openstack.sync__1__checksum=${hexOf('md5', bytes)}\n` +
      'disk_format=raw\ncontainer_format=bare\nis_public=True\norg.openstack__1__os_distro=debian.org\n',
  );
  source.put('md5sum', directoryOf(source.files, 'md5'));
  t.deepEqual(actions(await job.run()), { debian_squeeze_20120425: 'imported' });
  t.deepEqual(actions(await job.run()), { debian_squeeze_20120425: 'up-to-date' });
});

test('One .properties file, one directory file, and a root without its slash', async (t) => {
  const { source, job } = await rig(t, [DEBIAN]);
  const url = `${source.url}images/0/20261120/image.properties`;
  t.deepEqual(actions(await job.run({ url })), { 'Debian 12': 'imported' });
  t.deepEqual(actions(await job.run({ url: `${source.url}SHA256SUMS`, prefix: 'a ' })), { 'a Debian 12': 'imported' });
  for (const [path, bytes] of [...source.files]) source.files.set(`pub/${path}`, bytes);
  t.deepEqual(actions(await job.run({ url: `${source.url}pub`, prefix: 'b ' })), { 'b Debian 12': 'imported' });
});

test('A directory of a set speaks of paths below the root, and --set finds it', async (t) => {
  const { source, job } = await rig(t);
  const stable = directoryOf(source.files)
    .split('\n')
    .filter((line) => line.includes('images/0/'))
    .join('\n');
  source.put('sets/stable.SHA256SUMS', `${stable}\n`);
  t.deepEqual(actions(await job.run({ url: `${source.url}sets/stable.SHA256SUMS` })), { 'Debian 12': 'imported' });
  t.deepEqual(actions(await job.run({ set: 'stable', prefix: 's ' })), { 's Debian 12': 'imported' });
  const image = [...job.destination.images.values()].find(({ name }) => name === 's Debian 12');
  t.is(image?.properties.get('image_sync_set'), 'stable');
});

test('A hidden image is hidden at the destination too, and a second run leaves it so', async (t) => {
  const { job } = await rig(t, [{ ...ALPINE, hidden: true }]);
  await job.run();
  const [image] = job.destination.images.values();
  t.like(image, { hidden: true, status: 'active' });
  const { writes } = job.destination;
  writes.length = 0;
  await job.run();
  t.deepEqual(writes, []);
});

test('An image that fails is told, and the others come', async (t) => {
  const { source, job } = await rig(t);
  source.put('images/0/20261120/image.raw.gz', randomBytes(100));
  const outcome = await job.run();
  t.deepEqual(actions(outcome), { 'Debian 12': 'failed', Alpine: 'imported' });
  job.assertClean(t);
});

test('What a killed run has left is removed by the next one, and the work of another installation is not', async (t) => {
  const { job } = await rig(t, [ALPINE]);
  await job.run();
  const [image] = job.destination.images.values();
  const state = JSON.parse(readFileSync(job.stateFile, 'utf8'));
  const draft = {
    ...image,
    protected: false,
    minDisk: 0,
    minRam: 0,
    tags: [],
    name: 'x',
    diskFormat: 'raw',
    containerFormat: 'bare',
  };
  const ours = await job.destination.create({ ...draft, properties: new Map([['image_sync_pending', state.client]]) });
  const theirs = await job.destination.create({ ...draft, properties: new Map([['image_sync_pending', 'another']]) });
  const outcome = await job.run();
  t.regex(outcome.warnings.join(), /which a run that was killed had left/);
  t.false(job.destination.images.has(ours));
  t.true(job.destination.images.has(theirs));
});

test('Aborted in the middle of an upload, nothing is left', async (t) => {
  const { job } = await rig(t, [DEBIAN]);
  const controller = new AbortController();
  const upload = job.destination.upload.bind(job.destination);
  job.destination.upload = (id, bytes, size, signal) =>
    upload(id, abortedBehindTheFirst(bytes, controller), size, signal);
  const reason = await t.throwsAsync(job.run({ signal: controller.signal }));
  t.is(reason, controller.signal.reason);
  t.deepEqual(job.destination.writes, ['create', 'upload', 'remove']);
  t.is(job.destination.images.size, 0);
  job.assertClean(t);
});

async function* abortedBehindTheFirst(bytes: AsyncIterable<Uint8Array>, controller: AbortController) {
  for await (const chunk of bytes) {
    yield chunk;
    controller.abort(new Error('enough'));
  }
}
