import { chmod, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { coreutilsCheck, inodes, type Rig, useRig } from '../sync/publish/rig.js';
import { type Outcome, program } from './program.js';

/** `glimpse publish` over the images of a rig. */
async function command(t: ExecutionContext, lines: readonly string[] = []) {
  const rig = await useRig(t);
  const config = join(rig.folder, 'glance-api.conf');
  const text = [
    '[database]',
    `connection = sqlite:///${join(rig.folder, 'registry.sqlite')}`,
    '[glance_store]',
    `filesystem_store_datadir = ${rig.data}`,
    ...lines,
    '',
  ];
  await writeFile(config, text.join('\n'));
  const publish = (...argv: readonly string[]): Promise<Outcome> =>
    program('main', ['publish', '--config-file', config, ...argv], rig.folder);
  const prune = (...argv: readonly string[]): Promise<Outcome> =>
    program('main', ['publish', 'prune', '--config-file', config, ...argv], rig.folder);
  return { rig, publish, prune };
}

const listed = async (rig: Rig, list: string) =>
  (await readFile(join(rig.root, list), 'utf8'))
    .split('\n')
    .flatMap((line) => /\/([^/]+)\.properties$/.exec(line)?.[1] ?? []);

test('publishes to the folder that is named, and says what came of it', async (t) => {
  const { rig, publish } = await command(t);
  await rig.add('bytes', { name: 'one' });
  const first = await publish(rig.root);
  t.is(first.code, 0, first.stderr);
  t.is(first.stdout, `${rig.root}: generation 1 with 1 image, 1 file packed\n`);
  t.regex(first.stderr, /not signed/);
  t.notRegex(first.stderr, /\r/);
  await coreutilsCheck(rig.root);
  t.is((await publish(rig.root)).stdout, `${rig.root}: nothing changed since generation 1 with 1 image\n`);
  const json = await publish(rig.root, '--json');
  t.deepEqual(JSON.parse(json.stdout), { generation: 1, changed: false, images: 1, encoded: 0, failed: [] });
});

test('sets are as their sections have them, keys sign, and verification agrees', async (t) => {
  const { rig, publish } = await command(t, [
    '[publish]',
    'target = public',
    'base_url = https://images.example.org/repo',
    'sets = all, small, lts',
    'publisher = Tests & Sons',
    '[publish:small]',
    'query = size_max=10&os_hidden=false',
    'compression = zstd, none',
    'channel = daily',
    '[publish:lts]',
    'names = debian-*, ubuntu-[0-9]*',
    'tags = lts',
    'properties = os_distro:debian',
  ]);
  const properties = new Map([['os_distro', 'debian']]);
  await rig.add('bytes', { name: 'debian-12', tags: new Set(['lts']), properties });
  await rig.add('larger bytes', { name: 'debian-13', tags: new Set(['lts']), properties });
  await rig.add('more bytes than that', { name: 'debian-14', properties });
  await rig.add('yet more bytes', { name: 'ubuntu-x', tags: new Set(['lts']), properties });
  const keys = join(rig.folder, 'keys');
  for (const kind of ['openpgp', 'minisign']) {
    const made = await program('main', ['publish', 'keys', 'generate', '--kind', kind, '--dir', keys], rig.folder);
    t.is(made.code, 0, made.stderr);
  }
  const names = await readdir(keys);
  const config = join(rig.folder, 'glance-api.conf');
  const openpgp = names.find((name) => name.endsWith('.sec.asc'));
  const minisign = names.find((name) => name.endsWith('.key'));
  const text = await readFile(config, 'utf8');
  const signed = `[publish]\nopenpgp_keys = keys/${openpgp}\nminisign_keys = keys/${minisign}`;
  await writeFile(config, text.replace('[publish]', signed));
  const first = await publish();
  t.is(first.code, 0, first.stderr);
  t.is(first.stderr, '');
  await coreutilsCheck(rig.root);
  t.deepEqual(await listed(rig, 'sets/all.SHA256SUMS'), ['debian-12', 'debian-13', 'debian-14', 'ubuntu-x']);
  t.deepEqual(await listed(rig, 'sets/small.SHA256SUMS'), ['debian-12']);
  t.deepEqual(await listed(rig, 'sets/lts.SHA256SUMS'), ['debian-12', 'debian-13']);
  const index = JSON.parse(await readFile(join(rig.root, 'streams/v1/index.json'), 'utf8')).index;
  t.deepEqual(
    Object.keys(index).sort(),
    ['all', 'daily', 'lts'].map((channel) => `org.example.images:${channel}:download`),
  );
  const meta = (await readdir(rig.root, { recursive: true })).filter((path) => path.endsWith('.meta4'));
  t.true(meta.length >= 4);
  t.true((await readFile(join(rig.root, 'index.html'), 'utf8')).includes('Tests &amp; Sons'));
  const good = await publish('--verify', '--json');
  t.is(good.code, 0, good.stdout);
  t.deepEqual(JSON.parse(good.stdout).problems, []);
  const victim = join(rig.root, 'SHA512SUMS.gpg');
  await writeFile(victim, (await readFile(victim)).subarray(0, -1));
  const bad = await publish('--verify');
  t.is(bad.code, 1);
  t.regex(bad.stdout, /^SHA512SUMS\.gpg: /);
  const only = await publish('--set', 'lts', join(rig.folder, 'other'));
  t.is(only.code, 0, only.stderr);
  t.deepEqual(
    await readdir(join(rig.folder, 'other', 'current', 'sets')).then((all) =>
      all.filter((name) => name.endsWith('md5sum')),
    ),
    ['lts.md5sum'],
  );
});

test('a dry run prints the plan and writes nothing', async (t) => {
  const { rig, publish } = await command(t);
  const { id } = await rig.add('bytes', { name: 'one\u001b[31m' });
  const plan = await publish('--dry-run', rig.root);
  t.is(plan.code, 0, plan.stderr);
  t.regex(plan.stdout, new RegExp(`^pack {4}${id} gzip 5 bytes one\\?\\[31m\nadd {5}other/`));
  await t.throwsAsync(readdir(rig.root), { code: 'ENOENT' });
  t.is(JSON.parse((await publish('--dry-run', '--json', rig.root)).stdout).encode[0].image, id);
});

test('an image that fails makes the exit code 1 and is named', async (t) => {
  const { rig, publish } = await command(t);
  const bad = await rig.add('these bytes', { name: 'bad' });
  await rig.add('good', { name: 'good' });
  await chmod(join(rig.data, bad.id), 0o600);
  await writeFile(join(rig.data, bad.id), 'those bytes');
  const result = await publish(rig.root);
  t.is(result.code, 1);
  t.regex(result.stdout, new RegExp(`FAILED ${bad.id} bad: .*other bytes`));
  t.regex(result.stdout, /with 1 image/);
  await coreutilsCheck(rig.root);
  await rm(join(rig.data, bad.id));
});

test('properties that not everybody may read are not published', async (t) => {
  const { rig, publish } = await command(t, ['[DEFAULT]', 'property_protection_file = protections.ini']);
  const section = (name: string, read: string) =>
    `[${name}]\ncreate = admin\nread = ${read}\nupdate = admin\ndelete = admin\n`;
  await writeFile(
    join(rig.folder, 'protections.ini'),
    section('^hw_', '@') + section('^x_', 'member,admin') + section('.*', '@'),
  );
  await rig.add('bytes', {
    name: 'one',
    properties: new Map([
      ['hw_disk_bus', 'scsi'],
      ['x_cost_center', '4711'],
    ]),
  });
  const result = await publish(rig.root);
  t.is(result.code, 0, result.stderr);
  for (const path of await readdir(rig.root, { recursive: true })) {
    if (!/\.(properties|json|html|xml)$/.test(path)) continue;
    t.notRegex(await readFile(join(rig.root, path), 'utf8'), /x_cost_center|4711/, path);
  }
  const [sidecar = ''] = (await readdir(rig.root, { recursive: true })).filter((path) => path.endsWith('.properties'));
  t.regex(await readFile(join(rig.root, sidecar), 'utf8'), /^hw_disk_bus=scsi$/m);
});

test('prune takes old versions out, and they stay out', async (t) => {
  const { rig, publish, prune } = await command(t);
  for (const day of ['20260901', '20261001', '20261101']) await rig.add(day, { name: `image ${day}` });
  t.is((await publish(rig.root)).code, 0);
  const pruned = await prune('--keep', '1', '--older-than', '5', rig.root);
  t.regex(pruned.stdout, /generation 2 with 1 image/, pruned.stderr);
  t.regex((await publish(rig.root)).stdout, /nothing changed since generation 2 with 1 image/);
  t.regex((await prune('--restore', rig.root)).stdout, /generation 3 with 3 images/);
  for (const wrong of [[], ['--keep', '0'], ['--keep', 'x'], ['--older-than', '-1']]) {
    t.is((await prune(...wrong, rig.root)).code, 2, wrong.join(' '));
  }
});

test('what makes no sense is refused with exit code 2 or the configuration mended, and nothing is written', async (t) => {
  const { rig, publish } = await command(t);
  await rig.add('bytes', { name: 'one' });
  await publish(rig.root);
  const before = await inodes(rig.root);
  const extra = join(rig.folder, 'extra.conf');
  await writeFile(extra, '[publish]\nminisign_keys = none.key\n');
  const cases: [readonly string[], number, RegExp][] = [
    [[], 2, /where to publish is not said/],
    [[rig.root, 'another'], 2, /one repository at a time/],
    [['ftp://host/x'], 2, /not by ftp/],
    [['--set', 'nope', rig.root], 2, /no set "nope"/],
    [['--base-url', 'javascript:x', rig.root], 2, /--base-url: must be/],
    [['--base-url', 'https://user:secret@host/', rig.root], 2, /--base-url: must be/],
    [['--nonsense', rig.root], 2, /nonsense/],
    [['--keep', '3', rig.root], 2, /prune/],
    [['prun'], 2, /did you mean prune\? A new folder of that name is \.\/prun/],
    [['verify'], 2, /did you mean --verify\?/],
    [['--config-file', extra, rig.root], 4, /\[publish\] keys: .*none\.key/],
    [[rig.data], 1, /not empty/],
  ];
  for (const [argv, code, message] of cases) {
    const outcome = await publish(...argv);
    t.is(outcome.code, code, `${argv.join(' ')}: ${outcome.stderr}`);
    t.regex(outcome.stderr, message);
    t.notRegex(outcome.stderr, /secret| {4}at /);
  }
  t.deepEqual(await inodes(rig.root), before);
});

test('a misspelt section of a set is warned of', async (t) => {
  const { rig, publish } = await command(t, ['[publish]', 'sets = all, stable', '[publish:stabel]', 'names = a*']);
  await rig.add('bytes', { name: 'one' });
  const { code, stderr } = await publish(rig.root, '--dry-run');
  t.is(code, 0);
  t.regex(stderr, /unknown section \[publish:stabel\]; did you mean \[publish:stable\]\?/);
});

test('a registry without images does not empty a repository unless that is said', async (t) => {
  const { rig, publish } = await command(t);
  await rig.add('bytes', { name: 'one' });
  await publish(rig.root);
  const elsewhere = join(rig.folder, 'elsewhere.conf');
  await writeFile(elsewhere, `[database]\nconnection = sqlite:///${join(rig.folder, 'elsewhere.sqlite')}\n`);
  const wrong = await publish('--config-file', elsewhere, rig.root);
  t.is(wrong.code, 1);
  t.regex(wrong.stderr, /all 1 of the repository would leave it: --allow-empty/);
  t.notRegex(wrong.stderr, / {4}at /);
  t.deepEqual(await listed(rig, 'SHA256SUMS'), ['one']);
  t.is((await publish('--config-file', elsewhere, '--allow-empty', rig.root)).code, 0);
  t.deepEqual(await listed(rig, 'SHA256SUMS'), []);
});

test('a usage mistake makes no database', async (t) => {
  const { rig, publish } = await command(t);
  const elsewhere = join(rig.folder, 'elsewhere.conf');
  await writeFile(elsewhere, `[database]\nconnection = sqlite:///${join(rig.folder, 'elsewhere.sqlite')}\n`);
  t.is((await publish('--config-file', elsewhere)).code, 2);
  t.false((await readdir(rig.folder)).some((name) => name.startsWith('elsewhere.sqlite')));
});
