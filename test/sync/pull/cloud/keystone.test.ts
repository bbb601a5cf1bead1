import test, { type ExecutionContext } from 'ava';
import { openDestination } from '../../../../src/composition/open-destination.js';
import { isSyncError } from '../../../../src/sync/sync-error.js';
import { cloudOptions } from '../../../support/cloud-options.js';
import { type FakeImageService, startFakeImageService } from '../../../support/fake-image-service.js';
import { KeystoneDouble } from '../../../support/keystone-double.js';
import { quietLog } from '../../../support/quiet-log.js';

type Env = Readonly<Record<string, string>>;

/** A Keystone whose catalog has one Image service, in two regions and two interfaces; `refuse` are the tokens that the service takes no more. */
async function cloud(
  t: ExecutionContext,
): Promise<{ keystone: KeystoneDouble; service: FakeImageService; refused: Set<string>; env: Env }> {
  const keystone = await KeystoneDouble.start();
  t.teardown(() => keystone.stop());
  const refused = new Set<string>();
  const service = await startFakeImageService(({ path, headers }) => {
    if (refused.has(String(headers['x-auth-token']))) return { status: 401, body: 'expired' };
    if (path.endsWith('/versions')) return { status: 300, body: { versions: [{ id: 'v2.9' }] } };
    return { status: 200, body: { images: [] } };
  });
  t.teardown(() => service.close());
  const endpoint = (region: string, name: string) => ({
    region,
    region_id: region,
    interface: name,
    url: `${service.url}/${region}/${name}`,
  });
  const endpoints = ['r1', 'r2'].flatMap((region) => ['public', 'internal'].map((name) => endpoint(region, name)));
  keystone.catalog = [
    { type: 'identity', endpoints: [] },
    { type: 'image', endpoints },
  ];
  const env = { OS_AUTH_URL: keystone.url, OS_USERNAME: 'glance', OS_PASSWORD: 'secret', OS_PROJECT_NAME: 'service' };
  return { keystone, service, refused, env };
}

const ENDPOINTS: readonly (readonly [title: string, env: Env, path: string])[] = [
  ['the first public one', {}, '/r1/public'],
  ['a region', { OS_REGION_NAME: 'r2' }, '/r2/public'],
  ['an interface', { OS_INTERFACE: 'internalURL' }, '/r1/internal'],
  ['both, by former names', { OS_REGION_NAME: 'r2', OS_ENDPOINT_TYPE: 'internal' }, '/r2/internal'],
];
for (const [title, more, path] of ENDPOINTS) {
  test(`the catalog: ${title}`, async (t) => {
    const { env, service, keystone } = await cloud(t);
    const destination = await openDestination(cloudOptions({ ...env, ...more }), quietLog());
    t.teardown(() => destination.close());
    await destination.list();
    t.is(destination.project, 'p-service');
    t.true(
      service.requests.every(({ path: asked }) => asked.startsWith(`${path}/v`)),
      path,
    );
    t.is(keystone.logins, 1);
  });
}

test('an endpoint that is named instead of the catalog’s', async (t) => {
  const { env, service } = await cloud(t);
  const named = { ...env, OS_IMAGE_ENDPOINT_OVERRIDE: `${service.url}/mine/v2` };
  const destination = await openDestination(cloudOptions(named), quietLog());
  t.teardown(() => destination.close());
  await destination.list();
  t.true(service.requests.every(({ path }) => path.startsWith('/mine/v')));
});

test('logins: an application credential, and a token for a token', async (t) => {
  const { keystone } = await cloud(t);
  const ways: Env[] = [
    {
      OS_AUTH_TYPE: 'v3applicationcredential',
      OS_APPLICATION_CREDENTIAL_ID: 'c1',
      OS_APPLICATION_CREDENTIAL_SECRET: 's1',
    },
    { OS_AUTH_TYPE: 'v3token', OS_TOKEN: keystone.issue(), OS_PROJECT_ID: 'p1' },
  ];
  for (const way of ways) {
    const destination = await openDestination(cloudOptions({ OS_AUTH_URL: `${keystone.url}/v3/`, ...way }), quietLog());
    t.teardown(() => destination.close());
    await destination.list();
  }
  t.deepEqual(keystone.loginBodies, [
    { auth: { identity: { methods: ['application_credential'], application_credential: { id: 'c1', secret: 's1' } } } },
    {
      auth: {
        identity: { methods: ['token'], token: { id: ways[1]?.OS_TOKEN } },
        scope: { project: { id: 'p1' } },
      },
    },
  ]);
});

test('a token that is refused is replaced, and the request sent again', async (t) => {
  const { env, keystone, service, refused } = await cloud(t);
  const destination = await openDestination(cloudOptions(env), quietLog());
  t.teardown(() => destination.close());
  refused.add(String(service.requests[0]?.headers['x-auth-token']));
  t.deepEqual(await destination.list(), []);
  t.is(keystone.logins, 2);
  const [first, ...tokens] = new Set(service.requests.map(({ headers }) => headers['x-auth-token']));
  t.true(refused.has(String(first)));
  t.is(tokens.length, 1);
});

test('an upload begins with a token that is known to be good', async (t) => {
  const { env, keystone, service, refused } = await cloud(t);
  const destination = await openDestination(cloudOptions(env), quietLog());
  t.teardown(() => destination.close());
  refused.add(String(service.requests[0]?.headers['x-auth-token']));
  const bytes = async function* () {
    yield Buffer.from('image');
  };
  // The service shows no such image: what matters is who asked.
  await t.throwsAsync(destination.upload('i', bytes(), 5, new AbortController().signal));
  t.is(keystone.logins, 2);
  t.false(
    service.requests.some(({ method, headers }) => method === 'PUT' && refused.has(String(headers['x-auth-token']))),
  );
});

test('a token that ends soon is replaced before', async (t) => {
  const { env, keystone } = await cloud(t);
  keystone.serviceLife = 0.01;
  const destination = await openDestination(cloudOptions(env), quietLog());
  t.teardown(() => destination.close());
  const before = keystone.logins;
  await new Promise((resolve) => setTimeout(resolve, 20));
  await destination.list();
  t.true(keystone.logins > before);
});

const REFUSED: readonly (readonly [
  title: string,
  env: Env,
  plan: (keystone: KeystoneDouble) => void,
  kind: 'usage' | 'destination' | 'unreachable',
  words: RegExp,
])[] = [
  [
    'a wrong password',
    { OS_PASSWORD: 'hunter2' },
    () => {},
    'destination',
    /The login failed: Keystone at http:.* answered 401: The request you have made requires authentication/,
  ],
  [
    'a project that is none',
    {},
    (keystone) => {
      keystone.scope = {};
    },
    'usage',
    /for no project.*OS_PROJECT_NAME/,
  ],
  [
    'a region that is none',
    { OS_REGION_NAME: 'r3' },
    () => {},
    'destination',
    /no public endpoint of an Image service in region r3/,
  ],
  [
    'an interface that is none',
    { OS_INTERFACE: 'admin' },
    () => {},
    'destination',
    /no admin endpoint of an Image service/,
  ],
  [
    'a Keystone that answers nonsense',
    {},
    (keystone) => keystone.faults.login.push('nonsense'),
    'destination',
    /with no token/,
  ],
  [
    'a Keystone that breaks off',
    {},
    (keystone) => keystone.faults.login.push('reset'),
    'unreachable',
    /http:.* cannot be reached/,
  ],
  [
    'a Keystone that is ill',
    {},
    (keystone) => keystone.faults.login.push(503),
    'destination',
    /answered 503: as planned/,
  ],
];
for (const [title, more, plan, kind, words] of REFUSED) {
  test(`refused: ${title}`, async (t) => {
    const { env, keystone } = await cloud(t);
    plan(keystone);
    const error = await t.throwsAsync(openDestination(cloudOptions({ ...env, ...more }), quietLog()));
    t.true(isSyncError(error, kind), String(error));
    t.regex(String(error), words);
    t.notRegex(`${error} ${error?.stack}`, /hunter2|"secret"/);
  });
}
