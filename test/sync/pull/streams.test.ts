import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import test, { type ExecutionContext } from 'ava';
import { parseFilter } from '../../../src/sync/pull/filters.js';
import { actions, failure, MirrorJob } from '../../support/mirror-job.js';
import { newKeyRing } from '../../support/mirror-keys.js';
import { hexOf } from '../../support/mirror-repository.js';
import { MirrorSource } from '../../support/mirror-source.js';

const DISK = randomBytes(5000);
const OLDER = randomBytes(4000);
const { signer, trust } = await newKeyRing('openpgp');

const digests = (bytes: Buffer) => ({ size: bytes.length, md5: hexOf('md5', bytes), sha256: hexOf('sha256', bytes) });

/** A mirror in Ubuntu's manner, whose disks say that they are raw. */
async function rig(t: ExecutionContext) {
  const source = await MirrorSource.open();
  t.teardown(() => source.close());
  const packed = gzipSync(DISK);
  source.put('server/20261120/disk.raw', DISK);
  source.put('server/20261120/disk.raw.gz', packed);
  source.put('server/20261101/disk.raw', OLDER);
  const expanded = {
    expanded_size: DISK.length,
    expanded_md5: hexOf('md5', DISK),
    expanded_sha256: hexOf('sha256', DISK),
  };
  const products = {
    format: 'products:1.0',
    content_id: 'com.example:released:download',
    datatype: 'image-downloads',
    updated: 'Fri, 20 Nov 2026 00:00:00 +0000',
    products: {
      'com.example:server:24.04:amd64': {
        arch: 'amd64',
        os: 'ubuntu',
        version: '24.04',
        versions: {
          '20261101': {
            pubname: 'ubuntu-24.04-20261101',
            items: { raw: { ftype: 'disk.raw', path: 'server/20261101/disk.raw', ...digests(OLDER) } },
          },
          '20261120': {
            pubname: 'ubuntu-24.04-20261120',
            items: {
              'raw.gz': { ftype: 'disk.raw.gz', path: 'server/20261120/disk.raw.gz', ...digests(packed), ...expanded },
              raw: { ftype: 'disk.raw', path: 'server/20261120/disk.raw', ...digests(DISK) },
              kernel: { ftype: 'boot-kernel', path: 'server/20261120/vmlinuz', size: 1, sha256: '0'.repeat(64) },
              manifest: { ftype: 'manifest', path: 'server/20261120/manifest', size: 1, sha256: '0'.repeat(64) },
            },
          },
        },
      },
    },
  };
  const index = (ending: string) => ({
    format: 'index:1.0',
    updated: 'Fri, 20 Nov 2026 00:00:00 +0000',
    index: {
      'com.example:released:download': {
        path: `streams/v1/com.example.${ending}`,
        format: 'products:1.0',
        datatype: 'image-downloads',
        products: Object.keys(products.products),
      },
    },
  });
  const text = (value: object) => `${JSON.stringify(value, null, 1)}\n`;
  const publish = async () => {
    source.put('streams/v1/index.json', text(index('json')));
    source.put('streams/v1/com.example.json', text(products));
    source.put('streams/v1/index.sjson', await signer.clearsign(text(index('sjson'))));
    source.put('streams/v1/com.example.sjson', await signer.clearsign(text(products)));
  };
  await publish();
  return { source, products, publish, job: new MirrorJob(t, source), url: `${source.url}streams/v1/index.json` };
}

test('Of each version the disk that needs no expanding is mirrored, with the properties of simplestreams’ own mirror', async (t) => {
  const { source, job, url } = await rig(t);
  const outcome = await job.run({ url, visibility: 'public' });
  t.deepEqual(actions(outcome), { 'ubuntu-24.04-20261101': 'imported', 'ubuntu-24.04-20261120': 'imported' });
  const image = [...job.destination.images.values()].find(({ name }) => name === 'ubuntu-24.04-20261120');
  t.deepEqual(Object.fromEntries(image?.properties ?? []), {
    content_id: 'com.example:released:download',
    product_name: 'com.example:server:24.04:amd64',
    version_name: '20261120',
    item_name: 'raw',
    os_distro: 'ubuntu',
    os_version: '24.04',
    architecture: 'x86_64',
    simplestreams_metadata: JSON.stringify({
      arch: 'amd64',
      ftype: 'disk.raw',
      os: 'ubuntu',
      pubname: 'ubuntu-24.04-20261120',
      version: '24.04',
    }),
    image_source: `${source.url}server/20261120/disk.raw`,
    image_sync_source: `${source.url}streams/v1/com.example.json#com.example:server:24.04:amd64/20261120`,
    image_sync_serial: '20261120',
  });
  t.true(job.destination.bytes.get(image?.id ?? '')?.equals(DISK));
  t.deepEqual([image?.diskFormat, image?.visibility], ['raw', 'public']);
  const before = source.requests.length;
  job.destination.writes.length = 0;
  t.deepEqual(new Set(Object.values(actions(await job.run({ url, visibility: 'public' })))), new Set(['up-to-date']));
  t.deepEqual(source.requests.slice(before), ['streams/v1/index.json']);
  t.deepEqual(job.destination.writes, []);
  job.assertClean(t);
});

test('A file that two channels list is one image, in the first run and in all others', async (t) => {
  const { source, products, job, url } = await rig(t);
  const entry = (content_id: string) => ({
    path: `streams/v1/${content_id}.json`,
    format: 'products:1.0',
    datatype: 'image-downloads',
    products: Object.keys(products.products),
  });
  const contents = ['com.example:daily:download', 'com.example:stable:download'];
  for (const content_id of contents)
    source.put(`streams/v1/${content_id}.json`, JSON.stringify({ ...products, content_id }));
  const index = { format: 'index:1.0', index: Object.fromEntries(contents.map((id) => [id, entry(id)])) };
  source.put('streams/v1/index.json', JSON.stringify(index));
  t.is((await job.run({ url })).results.length, 2);
  t.is(job.destination.images.size, 2);
  job.destination.writes.length = 0;
  const stable = [parseFilter('content_id=com.example:stable:download')];
  for (const filters of [[], [], stable, [], []]) {
    t.is((await job.run({ url, filters })).results.length, 2);
    t.is(job.destination.images.size, 2);
  }
  job.destination.writes.length = 0;
  await job.run({ url });
  t.deepEqual(job.destination.writes, []);
  job.assertClean(t);
});

test('An image that has no name but its place is called by that', async (t) => {
  const { source, products, job, url } = await rig(t);
  const text = JSON.stringify({ ...products, content_id: 'images' }).replace(/"pubname":"[^"]*",/g, '');
  source.put(
    'streams/v1/com.example.json',
    text.replaceAll('com.example:server:24.04:amd64', 'debian:bookworm:amd64:default'),
  );
  t.deepEqual(actions(await job.run({ url, max: 1 })), { 'debian-bookworm-amd64-default-20261120': 'imported' });
});

test('A filter chooses another item of a version; --max counts versions', async (t) => {
  const { source, job, url } = await rig(t);
  const filters = [parseFilter('ftype=disk.raw.gz')];
  t.deepEqual(actions(await job.run({ url, filters })), { 'ubuntu-24.04-20261120': 'imported' });
  t.true(source.requests.includes('server/20261120/disk.raw.gz'));
  t.deepEqual(actions(await job.run({ url, max: 1, prefix: 'x ' })), { 'x ubuntu-24.04-20261120': 'imported' });
  t.deepEqual(actions(await job.run({ url, filters: [parseFilter('arch!~^(amd64|i386)$')] })), {});
});

test('With keys only the signed form is read, index and products; a plain one that was changed does not matter', async (t) => {
  const { source, job, url } = await rig(t);
  source.put('streams/v1/index.json', 'nonsense');
  source.put('streams/v1/com.example.json', 'nonsense');
  t.is(Object.keys(actions(await job.run({ url, trust, trustName: 'k' }))).length, 2);
  t.false(source.requests.some((path) => path.endsWith('.json')));
  source.put(
    'streams/v1/com.example.sjson',
    source.files.get('streams/v1/com.example.sjson')?.toString().replace('"ubuntu"', '"debian"') ?? '',
  );
  source.put(
    'streams/v1/index.sjson',
    await signer.clearsign(
      source.files
        .get('streams/v1/index.sjson')
        ?.toString()
        .match(/\{[\s\S]*\n\}\n/)?.[0]
        .replace('Nov 2026', 'Nov  2026') ?? '\n',
    ),
  );
  t.is((await job.refusal(t, { url, trust, trustName: 'k' })).kind, 'signature');
});

test('The root of a mirror that has streams alone, and a products file', async (t) => {
  const { source, job } = await rig(t);
  t.is(Object.keys(actions(await job.run())).length, 2);
  const url = `${source.url}streams/v1/com.example.json`;
  t.deepEqual(new Set(Object.values(actions(await job.run({ url })))), new Set(['up-to-date']));
});

test('--prune in streams hides what the products file dropped, and nothing of other files', async (t) => {
  const { job, url, products, publish } = await rig(t);
  await job.run({ url });
  Reflect.deleteProperty(products.products['com.example:server:24.04:amd64'].versions, '20261101');
  await publish();
  // The index says when its products changed; here nothing says so, and the products are asked for with the index.
  t.deepEqual(actions(await job.run({ url: url.replace('index', 'com.example'), prune: true })), {
    'ubuntu-24.04-20261120': 'up-to-date',
    'ubuntu-24.04-20261101': 'hidden',
  });
});

test('What our publisher says in "glance" is what the image becomes; reserved names are left out', async (t) => {
  const { job, url, products, publish } = await rig(t);
  const glance = {
    name: 'Ours',
    disk_format: 'raw',
    container_format: 'bare',
    min_disk: '7',
    min_ram: '512',
    hw_disk_bus: 'scsi',
    owner: 'root',
    os_glance_x: 'y',
  };
  const { versions } = products.products['com.example:server:24.04:amd64'];
  Object.assign(versions['20261120'].items.raw, { glance });
  await publish();
  const outcome = await job.run({ url, max: 1 });
  t.deepEqual(actions(outcome), { Ours: 'imported' });
  const [image] = job.destination.images.values();
  t.deepEqual(
    [image?.minDisk, image?.minRam, image?.owner, image?.properties.get('hw_disk_bus')],
    [7, 512, 'ours', 'scsi'],
  );
  t.false(image?.properties.has('os_glance_x') ?? true);
  t.regex(outcome.warnings.join('\n'), /owner is not for a mirror to say/);
});

test('An item whose hash is wrong fails; one whose path climbs fails the file', async (t) => {
  const { source, job, url, products, publish } = await rig(t);
  source.put('server/20261120/disk.raw', randomBytes(DISK.length));
  t.regex(failure(t, await job.run({ url, max: 1 })), /its sha256 is/);
  const { versions } = products.products['com.example:server:24.04:amd64'];
  Object.assign(versions['20261101'].items.raw, { path: '../../etc/passwd' });
  source.validates = false;
  await publish();
  t.is((await job.refusal(t, { url })).kind, 'refused');
  t.is(job.destination.images.size, 0);
  job.assertClean(t);
});

test('A products file that is older than the index says is asked for again, though the index is unchanged', async (t) => {
  const { source, job, url, products, publish } = await rig(t);
  Object.assign(products, { updated: 'Thu, 19 Nov 2026 00:00:00 +0000' });
  await publish();
  const index = JSON.parse(source.files.get('streams/v1/index.json')?.toString() ?? '');
  index.index['com.example:released:download'].updated = 'Fri, 20 Nov 2026 00:00:00 +0000';
  source.put('streams/v1/index.json', JSON.stringify(index));
  await job.run({ url });
  const before = source.requests.length;
  await job.run({ url });
  t.deepEqual(source.requests.slice(before), ['streams/v1/index.json', 'streams/v1/com.example.json']);
});
