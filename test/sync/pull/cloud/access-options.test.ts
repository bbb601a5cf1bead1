import test from 'ava';
import {
  DESTINATION_HELP,
  DESTINATION_OPTIONS,
  destinationOptions,
  type OptionValues,
} from '../../../../src/sync/pull/cloud/access-options.js';
import type { DestinationOptions } from '../../../../src/sync/pull/destination.js';
import { isSyncError } from '../../../../src/sync/sync-error.js';

type Env = Readonly<Record<string, string>>;

const LOGIN = { OS_AUTH_URL: 'http://k', OS_USERNAME: 'u', OS_PASSWORD: 'pw', OS_PROJECT_NAME: 'p' };
const options = (values: OptionValues, env: Env = {}) => destinationOptions(values, env, '/work');

/** Settings as `name=value from`. */
function written(found: DestinationOptions): readonly string[] {
  if (found.kind !== 'cloud') throw new Error('no cloud');
  return [...found.settings].map(([name, { value, from }]) => `${name}=${value} ${from}`);
}

const SETTINGS: readonly (readonly [title: string, values: OptionValues, env: Env, settings: readonly string[]])[] = [
  [
    'variables',
    {},
    LOGIN,
    [
      'auth_url=http://k OS_AUTH_URL',
      'username=u OS_USERNAME',
      'password=pw OS_PASSWORD',
      'project_name=p OS_PROJECT_NAME',
    ],
  ],
  [
    'an option wins over its variable',
    { 'os-auth-url': 'http://other', 'os-region-name': 'r' },
    { OS_AUTH_URL: 'http://k', OS_REGION_NAME: 's' },
    ['auth_url=http://other --os-auth-url', 'region_name=r --os-region-name'],
  ],
  [
    'former names, and the newer one wins',
    {},
    { OS_AUTH_URL: 'http://k', OS_TENANT_NAME: 't', OS_ENDPOINT_TYPE: 'internal', OS_INTERFACE: 'admin' },
    ['auth_url=http://k OS_AUTH_URL', 'project_name=t OS_TENANT_NAME', 'interface=admin OS_INTERFACE'],
  ],
  [
    'an empty variable says nothing',
    {},
    { OS_AUTH_URL: 'http://k', OS_USERNAME: '' },
    ['auth_url=http://k OS_AUTH_URL'],
  ],
  [
    '--os-endpoint sends no password of a cloud anywhere',
    { 'os-endpoint': 'http://i' },
    { ...LOGIN, OS_CLOUD: 'c', OS_CACERT: '/ca.pem' },
    ['cacert=/ca.pem OS_CACERT', 'endpoint=http://i --os-endpoint'],
  ],
  [
    '--os-endpoint with a token',
    { 'os-endpoint': 'http://i' },
    { ...LOGIN, OS_TOKEN: 't' },
    ['token=t OS_TOKEN', 'endpoint=http://i --os-endpoint'],
  ],
  [
    '--os-endpoint with a user and a password of its own',
    { 'os-endpoint': 'http://i', 'os-auth-type': 'http_basic', 'os-username': 'me' },
    LOGIN,
    [
      'username=me --os-username',
      'password=pw OS_PASSWORD',
      'auth_type=http_basic --os-auth-type',
      'endpoint=http://i --os-endpoint',
    ],
  ],
  [
    '--insecure',
    { insecure: true },
    { OS_ENDPOINT: 'http://i' },
    ['endpoint=http://i OS_ENDPOINT', 'insecure=true --insecure'],
  ],
];
for (const [title, values, env, settings] of SETTINGS) {
  test(`settings: ${title}`, (t) => t.deepEqual([...written(options(values, env))].sort(), [...settings].sort()));
}

test('a cloud of clouds.yaml, and where it is looked for', (t) => {
  const found = options(
    { 'os-cloud': 'mine' },
    { OS_CLOUD: 'other', HOME: '/home/me', OS_CLIENT_CONFIG_FILE: 'c.yaml', OS_PASSWORD: 'pw' },
  );
  t.like(found, { kind: 'cloud', cloud: 'mine' });
  t.deepEqual(found.kind === 'cloud' && found.files, {
    cwd: '/work',
    home: '/home/me',
    configHome: undefined,
    clouds: 'c.yaml',
    secure: undefined,
    vendor: undefined,
  });
  t.like(options({}, { OS_CLOUD: 'other' }), { cloud: 'other' });
  t.like(options({}, { ...LOGIN, OS_CLOUD: 'envvars' }), { cloud: undefined });
});

test('the registry of a configuration', (t) => {
  const files = ['/etc/glance/glance-api.conf'];
  t.deepEqual(options({ 'config-file': files, owner: 'p1' }, { ...LOGIN, OS_CLOUD: 'c' }), {
    kind: 'registry',
    files,
    dirs: [],
    owner: 'p1',
  });
  t.like(options({ 'config-dir': ['/etc/glance/conf.d'] }), { dirs: ['/etc/glance/conf.d'], owner: undefined });
});

const REFUSED: readonly (readonly [title: string, values: OptionValues, env: Env, words: RegExp])[] = [
  ['nothing at all', {}, {}, /--os-cloud NAME \(OS_CLOUD\), OS_AUTH_URL.*--os-endpoint URL.*--config-file FILE/],
  ['a password alone', {}, { OS_PASSWORD: 'pw' }, /Nothing says where images go/],
  ['the environment alone, which says nothing', {}, { OS_CLOUD: '' }, /Nothing says where images go/],
  ['a registry and a cloud', { 'config-file': ['f'], 'os-cloud': 'c' }, {}, /--config-file and --os-cloud/],
  [
    'a registry and an endpoint',
    { 'config-file': ['f'], 'os-endpoint': 'http://i' },
    {},
    /--config-file and --os-endpoint/,
  ],
  ['a cloud and an endpoint', { 'os-endpoint': 'http://i', 'os-cloud': 'c' }, {}, /--os-endpoint and --os-cloud/],
  ['an owner in a cloud', { 'os-cloud': 'c', owner: 'p1' }, {}, /--owner is for --config-file/],
];
for (const [title, values, env, words] of REFUSED) {
  test(`refused: ${title}`, (t) => {
    const error = t.throws(() => options(values, env));
    t.true(isSyncError(error, 'usage'), String(error));
    t.regex(String(error), words);
  });
}

test('no option takes a secret, and every option has its line of help', (t) => {
  t.deepEqual(
    DESTINATION_OPTIONS.filter((name) => /password|secret|token/.test(name)),
    [],
  );
  const helped = DESTINATION_HELP.map(([option]) => option.replace(/^--| .*/g, ''));
  t.deepEqual([...DESTINATION_OPTIONS, 'insecure', 'config-file', 'config-dir'].sort(), [...helped].sort());
});
