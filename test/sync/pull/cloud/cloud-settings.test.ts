import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { readCloudFiles } from '../../../../src/sync/pull/cloud/cloud-files.js';
import { cloudSettings } from '../../../../src/sync/pull/cloud/cloud-settings.js';
import type { CloudFiles } from '../../../../src/sync/pull/destination.js';
import { isSyncError } from '../../../../src/sync/sync-error.js';

/** A folder with these files: `cwd/` is the working directory, `home/` the user's. */
function folderWith(
  t: ExecutionContext,
  files: Readonly<Record<string, string>>,
): CloudFiles & { readonly folder: string } {
  const folder = mkdtempSync(join(tmpdir(), 'glimpse-clouds-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  const none = { configHome: undefined, clouds: undefined, secure: undefined, vendor: undefined };
  return { folder, cwd: join(folder, 'cwd'), home: join(folder, 'home'), ...none };
}

async function settings(files: CloudFiles, cloud = 'mine', region?: string): Promise<Record<string, string>> {
  const found = cloudSettings(cloud, await readCloudFiles(files), region);
  return Object.fromEntries([...found].map(([name, { value }]) => [name, value]));
}

const CLOUD = `
clouds:
  mine:
    profile: vendor
    region_name: north
    identity_api_version: 3
    verify: false
    image_endpoint_override: http://images/
    auth:
      auth-url: http://keystone
      username: me
      project_name: mine
  other: {}
`;

test('a cloud, its secrets and its profile', async (t) => {
  const files = folderWith(t, {
    'cwd/clouds.yaml': CLOUD,
    'home/.config/openstack/clouds.yaml': 'clouds: {mine: {auth: {username: wrong}}}',
    'home/.config/openstack/secure.yaml': 'clouds: {mine: {auth: {password: secret}}}',
    'cwd/clouds-public.yml':
      'public-clouds: {vendor: {region_name: south, auth: {auth_url: "http://vendor", user_domain_name: V}}}',
  });
  t.deepEqual(await settings(files), {
    region_name: 'north',
    auth_url: 'http://keystone',
    user_domain_name: 'V',
    verify: 'false',
    image_endpoint_override: 'http://images/',
    username: 'me',
    project_name: 'mine',
    password: 'secret',
  });
});

test('files in JSON, in the place of XDG_CONFIG_HOME, and where a variable names them', async (t) => {
  const files = folderWith(t, {
    'xdg/openstack/clouds.json': '{"clouds": {"mine": {"auth": {"token": "a"}}}}',
    'elsewhere/my.yaml': 'clouds: {mine: {auth: {token: b}}}',
    'elsewhere/my-secrets.yaml': 'clouds: {mine: {auth: {password: c}}}',
  });
  const xdg = { ...files, configHome: join(files.folder, 'xdg') };
  t.deepEqual(await settings(xdg), { token: 'a' });
  t.deepEqual(
    await settings({ ...xdg, clouds: '../elsewhere/my.yaml', secure: join(files.folder, 'elsewhere/my-secrets.yaml') }),
    {
      token: 'b',
      password: 'c',
    },
  );
});

const REGIONS = `
clouds:
  mine:
    auth: {auth_url: http://all}
    regions:
      - one
      - name: two
        values: {auth: {auth_url: http://two}, image_interface: internal}
`;

test('regions: the first, the one that was asked for, one that is not there', async (t) => {
  const files = folderWith(t, { 'cwd/clouds.yaml': REGIONS });
  t.deepEqual(await settings(files), { auth_url: 'http://all', region_name: 'one' });
  t.deepEqual(await settings(files, 'mine', 'two'), {
    auth_url: 'http://two',
    image_interface: 'internal',
    region_name: 'two',
  });
  const error = await t.throwsAsync(settings(files, 'mine', 'three'));
  t.regex(String(error), /no region "three", but one, two/);
});

test('every setting says in which file it was', async (t) => {
  const files = folderWith(t, {
    'cwd/clouds.yaml': 'clouds: {mine: {auth: {username: u}}}',
    'cwd/secure.yaml': 'clouds: {mine: {auth: {password: p}}}',
  });
  const found = cloudSettings('mine', await readCloudFiles(files), undefined);
  t.is(found.get('username')?.from, `cloud "mine" of ${files.cwd}/clouds.yaml`);
  t.is(found.get('password')?.from, `cloud "mine" of ${files.cwd}/secure.yaml`);
});

const REFUSED: readonly (readonly [title: string, text: string | undefined, words: RegExp])[] = [
  [
    'no file',
    undefined,
    /no clouds.yaml to look up the cloud "mine": .*cwd\/clouds.yaml.*\.config\/openstack\/clouds.yaml.*\/etc\/openstack/,
  ],
  ['another cloud', 'clouds: {one: {}, two: {}}', /cwd\/clouds.yaml knows no cloud "mine", but one, two/],
  ['no cloud', '', /knows no cloud "mine", but none at all/],
  ['a cloud that is a text', 'clouds: {mine: text}', /knows no cloud "mine"/],
  ['a list of clouds', 'clouds: [mine]', /cwd\/clouds.yaml cannot be read: its clouds is no mapping/],
  [
    'no YAML',
    'clouds:\n  mine: {auth: {password: hunter2}\n  other: [',
    /cwd\/clouds.yaml cannot be read: it is no YAML, see line \d/,
  ],
  ['a bomb of aliases', `a: &a [x,x,x,x,x,x,x,x,x]\n${bomb()}clouds: *i`, /cannot be read/],
  ['a file of 2 MiB', ' '.repeat(2 ** 21), /cannot be read: it has more than 1048576 bytes/],
];
for (const [title, text, words] of REFUSED) {
  test(`refused: ${title}`, async (t) => {
    const files = folderWith(t, text === undefined ? {} : { 'cwd/clouds.yaml': text });
    const error = await t.throwsAsync(settings(files));
    t.true(isSyncError(error, 'usage'), String(error));
    t.regex(String(error), words);
    t.notRegex(String(error), /hunter2/);
  });
}

test('refused: a file that a variable names and that is not there', async (t) => {
  const files = { ...folderWith(t, {}), clouds: 'absent.yaml' };
  t.regex(
    String(await t.throwsAsync(settings(files))),
    /OS_CLIENT_CONFIG_FILE names .*cwd\/absent.yaml, which is not there/,
  );
});

function bomb(): string {
  return [...'bcdefghi'].map((name, at) => `${name}: &${name} [${Array(9).fill(`*${'abcdefgh'[at]}`)}]\n`).join('');
}
