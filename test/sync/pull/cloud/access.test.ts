import test from 'ava';
import { type CloudAccess, readAccess } from '../../../../src/sync/pull/cloud/access.js';
import { isSyncError } from '../../../../src/sync/sync-error.js';

type Values = Readonly<Record<string, string>>;

const read = (values: Values) =>
  readAccess(
    new Map(Object.entries(values).map(([name, value]) => [name, { value, from: `OS_${name.toUpperCase()}` }])),
  );

const KEYSTONE = { auth_url: 'http://k:5000/v3' };
const USER = { username: 'u', password: 'pw' };
const DEFAULT = { id: 'default' };
const keystone = (proof: object): object => ({ by: 'keystone', address: KEYSTONE.auth_url, proof });

const LOGINS: readonly (readonly [title: string, values: Values, login: object])[] = [
  [
    'a password, in the default domain',
    { ...KEYSTONE, ...USER, project_name: 'p' },
    keystone({
      by: 'password',
      user: { name: 'u', domain: DEFAULT },
      password: 'pw',
      project: { name: 'p', domain: DEFAULT },
    }),
  ],
  [
    'domains by name and by id',
    {
      ...KEYSTONE,
      ...USER,
      auth_type: 'v3password',
      project_name: 'p',
      user_domain_name: 'D',
      project_domain_id: 'd2',
    },
    keystone({
      by: 'password',
      user: { name: 'u', domain: { name: 'D' } },
      password: 'pw',
      project: { name: 'p', domain: { id: 'd2' } },
    }),
  ],
  [
    'a domain that is said once',
    { ...KEYSTONE, ...USER, project_name: 'p', project_domain_id: 'd2', domain_name: 'D' },
    keystone({
      by: 'password',
      user: { name: 'u', domain: { name: 'D' } },
      password: 'pw',
      project: { name: 'p', domain: { id: 'd2' } },
    }),
  ],
  [
    'ids, which need no domain, and a default domain of one’s own',
    { ...KEYSTONE, ...USER, project_id: 'p1', default_domain: 'd3' },
    keystone({ by: 'password', user: { name: 'u', domain: { id: 'd3' } }, password: 'pw', project: { id: 'p1' } }),
  ],
  [
    'a user by its id, and a project that is the user’s own',
    { ...KEYSTONE, user_id: 'u1', password: 'pw' },
    keystone({ by: 'password', user: { id: 'u1' }, password: 'pw', project: undefined }),
  ],
  [
    'an application credential by its id',
    { ...KEYSTONE, application_credential_id: 'c', application_credential_secret: 's' },
    keystone({ by: 'application-credential', credential: { id: 'c' }, secret: 's' }),
  ],
  [
    'an application credential by its name',
    {
      ...KEYSTONE,
      auth_type: 'v3applicationcredential',
      application_credential_name: 'c',
      user_id: 'u1',
      application_credential_secret: 's',
    },
    keystone({ by: 'application-credential', credential: { name: 'c', user: { id: 'u1' } }, secret: 's' }),
  ],
  [
    'a token for a project',
    { ...KEYSTONE, token: 't', project_id: 'p1' },
    keystone({ by: 'token', token: 't', project: { id: 'p1' } }),
  ],
  [
    'a token by its type, though there is a password',
    { ...KEYSTONE, ...USER, token: 't', auth_type: 'v3token' },
    keystone({ by: 'token', token: 't', project: undefined }),
  ],
  ['nothing', { endpoint: 'http://i' }, { by: 'nothing' }],
  ['nothing, by its type', { endpoint_override: 'http://i', auth_type: 'none', ...USER }, { by: 'nothing' }],
  ['a token without Keystone', { endpoint: 'http://i', token: 't' }, { by: 'token', token: 't' }],
  [
    'a token without Keystone, by its type',
    { endpoint: 'http://i', token: 't', auth_type: 'admin_token', ...KEYSTONE },
    { by: 'token', token: 't' },
  ],
  [
    'a user and a password without Keystone',
    { endpoint: 'http://i', auth_type: 'http_basic', ...USER },
    { by: 'basic', ...USER },
  ],
];
for (const [title, values, login] of LOGINS) {
  test(`login: ${title}`, (t) => t.deepEqual<object, object>(read(values).login, login));
}

const REST: readonly (readonly [title: string, values: Values, access: Partial<CloudAccess>])[] = [
  ['the project of a token without Keystone', { token: 't', project_id: 'p' }, { project: 'p' }],
  ['no project where nobody logs in', { project_id: 'p' }, { project: undefined }],
  ['what holds otherwise', {}, { endpoint: 'http://i', interface: 'public', region: undefined, imageApi: undefined }],
  [
    'an endpoint of the image service before all others',
    { image_endpoint_override: 'http://x', endpoint_override: 'http://y' },
    { endpoint: 'http://x' },
  ],
  ['a region and an interface', { region_name: 'r', interface: 'internalURL' }, { region: 'r', interface: 'internal' }],
  [
    'an interface of the image service alone',
    { interface: 'internal', image_interface: 'admin' },
    { interface: 'admin' },
  ],
  ['version 2', { image_api_version: '2' }, { imageApi: 'v2' }],
  ['version 1', { image_api_version: 'v1.1' }, { imageApi: 'v1' }],
  [
    'TLS',
    { cacert: '/ca', cert: '/c', key: '/k', verify: 'False' },
    { tls: { cacert: '/ca', cert: '/c', key: '/k', insecure: true } },
  ],
  ['insecure', { insecure: 'true' }, { tls: { cacert: undefined, cert: undefined, key: undefined, insecure: true } }],
  [
    'secure',
    { insecure: 'false', verify: 'True' },
    { tls: { cacert: undefined, cert: undefined, key: undefined, insecure: false } },
  ],
];
for (const [title, values, access] of REST) {
  test(`access: ${title}`, (t) => t.like(read({ endpoint: 'http://i', ...values }), access));
}

const REFUSED: readonly (readonly [title: string, values: Values, words: RegExp])[] = [
  ['no login', KEYSTONE, /incomplete, OS_USERNAME, OS_PASSWORD is missing/],
  ['no password', { ...KEYSTONE, username: 'u' }, /incomplete, OS_PASSWORD is missing/],
  ['no Keystone', USER, /incomplete, OS_AUTH_URL is missing/],
  ['no token', { endpoint: 'http://i', auth_type: 'admin_token' }, /OS_TOKEN is missing/],
  ['no endpoint', { auth_type: 'none' }, /OS_ENDPOINT is missing/],
  ['half a credential', { ...KEYSTONE, application_credential_secret: 's' }, /OS_APPLICATION_CREDENTIAL_ID is missing/],
  [
    'a credential’s name alone',
    { ...KEYSTONE, application_credential_name: 'c', application_credential_secret: 's' },
    /OS_USERNAME is missing/,
  ],
  [
    'a login that needs a person',
    { ...KEYSTONE, auth_type: 'v3oidcpassword' },
    /OS_AUTH_TYPE: a login of type v3oidcpassword is not known here/,
  ],
  ['a login called constructor', { ...KEYSTONE, auth_type: 'constructor' }, /type constructor is not known/],
  ['the whole system', { ...KEYSTONE, ...USER, system_scope: 'all' }, /OS_SYSTEM_SCOPE: images belong to a project/],
  ['a trust', { ...KEYSTONE, ...USER, trust_id: 't' }, /OS_TRUST_ID: images belong to a project/],
  ['an address that is none', { ...USER, auth_url: 'keystone:5000' }, /OS_AUTH_URL must be a URL of http or https/],
  ['an endpoint of a file', { endpoint: 'file:///etc/passwd' }, /OS_ENDPOINT must be a URL of http or https/],
  ['an endpoint with a login in it', { endpoint: 'http://u:hidden-1@i' }, /OS_ENDPOINT must not hold a login/],
  [
    'a version that is none',
    { endpoint: 'http://i', image_api_version: '3' },
    /OS_IMAGE_API_VERSION must be 1 or 2, not "3"/,
  ],
  ['neither true nor false', { endpoint: 'http://i', insecure: 'perhaps' }, /OS_INSECURE must be true or false/],
];
for (const [title, values, words] of REFUSED) {
  test(`refused: ${title}`, (t) => {
    const error = t.throws(() => read(values));
    t.true(isSyncError(error, 'usage'), String(error));
    t.regex(String(error), words);
    t.notRegex(String(error), /pw|hidden-1/);
  });
}
