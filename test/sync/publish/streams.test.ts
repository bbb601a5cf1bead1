import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { flattenProducts, type StreamsItem } from '../../../src/sync/formats/streams.js';
import { parseIndex } from '../../../src/sync/formats/streams-index.js';
import { parseProducts } from '../../../src/sync/formats/streams-products.js';
import { aSet, type Rig, someSettings, useRig } from './rig.js';

async function itemsOf(rig: Rig, channel = 'all'): Promise<readonly StreamsItem[]> {
  const index = parseIndex(await readFile(join(rig.root, 'streams/v1/index.json'), 'utf8'));
  const entry = index.entries.get(`org.example:${channel}:download`);
  const products = parseProducts(await readFile(join(rig.root, entry?.path ?? ''), 'utf8'));
  return flattenProducts(products);
}

test('every path of a products file is there, with the size and the hashes that it names', async (t) => {
  const rig = await useRig(t);
  const properties = new Map([
    ['os_distro', 'debian'],
    ['os_version', '12'],
    ['architecture', 'x86_64'],
    ['__proto__', 'x'],
  ]);
  await rig.add('disk '.repeat(5000), {
    name: 'Debian 12 20261101',
    diskFormat: 'qcow2',
    virtualSize: 1 << 30,
    properties,
  });
  await rig.add('disk 2 '.repeat(5000), { name: 'Debian 12 20261120', diskFormat: 'qcow2', properties });
  await rig.add('raw', { name: 'cirros' });
  const sets = [
    aSet({ encodings: ['none', 'gzip'] }),
    aSet({ name: 'few', channel: 'stable', selects: ({ name }) => name === 'cirros' }),
  ];
  await rig.publish({ settings: someSettings({ sets }) });
  const items = await itemsOf(rig);
  t.is(items.length, 6);
  for (const { fields } of items) {
    const bytes = await readFile(join(rig.root, String(fields.path)));
    t.is(fields.size, bytes.length);
    for (const algorithm of ['md5', 'sha256', 'sha512']) {
      t.is(fields[algorithm], createHash(algorithm).update(bytes).digest('hex'));
    }
  }
  const debian = items.filter(({ product }) => product === 'org.example:debian:12:amd64:default');
  t.deepEqual(
    debian.map(({ version, item }) => `${version} ${item}`),
    ['20261101 disk1.img', '20261101 disk1.img.gz', '20261120 disk1.img', '20261120 disk1.img.gz'],
  );
  t.like(debian[1]?.fields, {
    arch: 'amd64',
    os: 'debian',
    release: '12',
    virtual_size: 1 << 30,
    expanded_size: 25000,
  });
  t.deepEqual(
    (await itemsOf(rig, 'stable')).map(({ product, item }) => `${product} ${item}`),
    ['org.example:other:any:any:cirros disk.raw', 'org.example:other:any:any:cirros disk.raw.gz'],
  );
});

test('images of a container mirror go back to where they stood, with fingerprints', async (t) => {
  const rig = await useRig(t);
  const place = (item: string, more: Record<string, unknown> = {}) =>
    new Map([
      ['product_name', 'alpine:3.20:amd64:default'],
      ['version_name', '20261120_13:00'],
      ['item_name', item],
      [
        'simplestreams_metadata',
        JSON.stringify({ ftype: item, aliases: 'alpine/3.20', release_title: '3.20', secret: 'x', ...more }),
      ],
    ]);
  const parts = { 'incus.tar.xz': 'the metadata', squashfs: 'the root', 'disk-kvm.img': 'the disk' };
  for (const [item, bytes] of Object.entries(parts)) {
    await rig.add(bytes, { name: `alpine ${item}`, properties: place(item) });
  }
  await rig.publish();
  const items = await itemsOf(rig);
  t.deepEqual(
    items.map(({ product, version, item }) => [product, version, item].join(' ')).sort(),
    ['disk-kvm.img', 'incus.tar.xz', 'squashfs'].map((item) => `alpine:3.20:amd64:default 20261120_13:00 ${item}`),
  );
  const fingerprint = (root: string) => createHash('sha256').update('the metadata').update(root).digest('hex');
  t.like(items.find(({ item }) => item === 'incus.tar.xz')?.fields, {
    ftype: 'incus.tar.xz',
    os: 'alpine',
    release: '3.20',
    arch: 'amd64',
    variant: 'default',
    aliases: 'alpine/3.20',
    release_title: '3.20',
    combined_squashfs_sha256: fingerprint('the root'),
    'combined_disk-kvm-img_sha256': fingerprint('the disk'),
  });
  t.false(items.some(({ fields }) => 'secret' in fields));
  // Containers' files are packed already and are published as they are.
  for (const { fields } of items)
    t.is(
      await readFile(join(rig.root, String(fields.path)), 'utf8'),
      new Map(Object.entries(parts)).get(String(fields.ftype)) ?? '',
    );
  t.false((await rig.publish()).changed);
});

test('a cloud image that came from a mirror says there what it said, and what it is where the mirror’s words are lost', async (t) => {
  const rig = await useRig(t);
  const properties = (version: string): Map<string, string> =>
    new Map([
      ['product_name', 'com.ubuntu.cloud:server:24.04:amd64'],
      ['version_name', version],
      ['item_name', 'disk1.img'],
      ['os_distro', 'ubuntu'],
      ['os_version', '24.04'],
      ['architecture', 'x86_64'],
    ]);
  const said = {
    aliases: '24.04,noble',
    release: 'noble',
    version: '24.04',
    os: 'ubuntu',
    arch: 'amd64',
    pubname: 'u',
  };
  const told = properties('20261120').set('simplestreams_metadata', JSON.stringify(said));
  await rig.add('one', { name: 'ubuntu-20261120', diskFormat: 'qcow2', properties: told });
  await rig.publish({ settings: someSettings({ sets: [aSet({ encodings: ['none'] })] }) });
  t.like((await itemsOf(rig))[0]?.fields, said);
  const other = await useRig(t);
  await other.add('two', { name: 'ubuntu-20261121', diskFormat: 'qcow2', properties: properties('20261121') });
  await other.publish({ settings: someSettings({ sets: [aSet({ encodings: ['none'] })] }) });
  t.like((await itemsOf(other))[0]?.fields, { arch: 'amd64', os: 'ubuntu', release: '24.04', version: '24.04' });
});

test('a second image at the same place of a mirror gets one of its own', async (t) => {
  const rig = await useRig(t);
  const properties = new Map([
    ['product_name', 'com.ubuntu.cloud:server:24.04:amd64'],
    ['version_name', '20261120'],
    ['item_name', 'disk1.img'],
  ]);
  await rig.add('one', { name: 'ubuntu', diskFormat: 'qcow2', properties });
  await rig.add('two', { name: 'ubuntu', diskFormat: 'qcow2', properties });
  await rig.add('odd', { name: 'odd', properties: new Map([...properties, ['item_name', '../../x']]) });
  await rig.publish({ settings: someSettings({ sets: [aSet({ encodings: ['gzip', 'none'] })] }) });
  const items = await itemsOf(rig);
  t.deepEqual(items.map(({ product, item }) => `${product} ${item}`).sort(), [
    'com.ubuntu.cloud:server:24.04:amd64 disk1.img',
    'com.ubuntu.cloud:server:24.04:amd64 disk1.img.gz',
    'org.example:other:any:any:odd disk.raw',
    'org.example:other:any:any:odd disk.raw.gz',
    'org.example:other:any:any:ubuntu disk1.img',
    'org.example:other:any:any:ubuntu disk1.img.gz',
  ]);
});
