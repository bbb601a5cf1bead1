import { randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { actions, MirrorJob } from '../../support/mirror-job.js';
import { makeKeys } from './keys.js';
import { aSet, coreutilsCheck, leftovers, run, someSettings, useRig } from './rig.js';

const NAMES = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  ']]><x/>&amp;&#0;',
  '../../../etc/passwd',
  '..',
  '.hidden',
  '-rf',
  '$(touch pwned)`id`;|&',
  'a=b:c #!\\u0041\\',
  '  spaces  ',
  '%2e%2e%2f',
  'x'.repeat(255),
  'Grüße, 日本語 \u202Egnp',
  '-----BEGIN PGP SIGNED MESSAGE-----',
  'CON',
  'SHA256SUMS',
  'repo/1.json',
  'name with \u00a0 and \u200b',
];

test('whatever tenants call their images, everybody can read the repository, and nothing of it is markup or a command', async (t) => {
  const rig = await useRig(t);
  const signing = await makeKeys(join(rig.folder, 'keys'));
  for (const [index, name] of NAMES.entries()) {
    const hostile = {
      [name]: name,
      'org.openstack.sync__1__image': '/etc/passwd',
      name,
      sha256: '0',
      'x\nimage': 'y\nz',
      __proto__x: name,
    };
    await rig.add(randomBytes(100 + index), {
      name,
      tags: new Set([name, 'a,b%2C']),
      properties: new Map([
        ...Object.entries(hostile),
        ['os_distro', name],
        ['os_version', name],
        ['architecture', name],
        ['__proto__', name],
      ]),
    });
  }
  const settings = someSettings({
    baseUrl: 'https://images.example.org/',
    sets: [aSet(), aSet({ name: 'some', channel: 'some' })],
  });
  const result = await rig.publish({ signing, settings, now: () => new Date() });
  t.deepEqual(result.failed, []);
  await coreutilsCheck(rig.root);
  const html = await readFile(join(rig.root, 'index.html'), 'utf8');
  t.false(/<script>alert|<img src=x/.test(html));
  const xml = (await readdir(join(rig.root, 'images'), { recursive: true })).filter((path) => path.endsWith('.meta4'));
  t.is(xml.length, NAMES.length);
  const parse = 'import sys, xml.etree.ElementTree as e\nfor f in sys.argv[1:]: e.parse(f)';
  await run('python3', ['-c', parse, 'feed.xml', ...xml.map((path) => `images/${path}`)], { cwd: rig.root });
  const paths = (await readdir(join(rig.root, 'current'), { recursive: true })).filter(
    (path) => !/^[A-Za-z0-9._+~@%/-]+$/.test(path),
  );
  t.deepEqual(paths, []);
  const job = new MirrorJob(t, { url: `file://${rig.root}/` });
  const outcome = await job.run({ trust: signing.trust, trustName: 'k', fetch: { root: rig.root } });
  t.deepEqual(
    Object.values(actions(outcome)).filter((action) => action !== 'imported'),
    [],
    JSON.stringify(outcome.results),
  );
  t.deepEqual([...job.destination.images.values()].map(({ name }) => name).sort(), [...NAMES].sort());
  for (const image of job.destination.images.values()) {
    t.is(image.properties.get('__proto__'), image.name ?? '');
    t.is(image.properties.get('x\nimage'), 'y\nz');
    t.deepEqual([...image.tags].sort(), [image.name ?? '', 'a,b%2C'].sort());
  }
  t.deepEqual(await leftovers(rig.root), []);
});

test('an image that no mirror would take is named, and the others are published', async (t) => {
  const rig = await useRig(t);
  await rig.add(randomBytes(10), { name: 'good' });
  const bad = ['line\nbreak', 'escape\u001b[2J', 'separator\u2028', ' \t'];
  for (const name of bad) await rig.add(randomBytes(10), { name });
  await rig.add(randomBytes(10), {
    name: 'large',
    properties: new Map(Array.from({ length: 100 }, (_, index) => [`p${index}`, 'é'.repeat(30_000)])),
  });
  const result = await rig.publish();
  t.deepEqual(result.failed.map(({ name }) => name).sort(), [...bad, 'large'].sort());
  t.is(result.images, 1);
  const job = new MirrorJob(t, { url: `file://${rig.root}/` });
  t.deepEqual(actions(await job.run({ fetch: { root: rig.root } })), { good: 'imported' });
});
