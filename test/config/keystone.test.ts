import test from 'ava';
import { BUILT_IN_FLAVORS } from '../../src/config/pipeline.js';
import { machine } from './temp-config.js';

const LOGIN = 'auth_url = http://ks:5000\nusername = glance\npassword = secret\nproject_name = service\n';

function conf(text: string, flavor = 'keystone'): string {
  return `[paste_deploy]\nflavor = ${flavor}\n[keystone_authtoken]\n${text}`;
}

test('every pipeline with Keystone reads [keystone_authtoken], and delays the decision as Glance’s own do', (t) => {
  const here = machine(t);
  const flavors = BUILT_IN_FLAVORS.filter((flavor) => flavor.startsWith('keystone'));
  t.deepEqual(flavors, ['keystone', 'keystone+caching', 'keystone+cachemanagement']);
  for (const flavor of flavors) {
    const { keystone } = here.load({ files: [here.write('a.conf', conf(LOGIN, flavor))] });
    t.is(keystone?.auth_url, 'http://ks:5000');
    t.true(keystone?.delay_auth_decision);
    t.is(keystone?.token_cache_time, 300);
  }
  t.is(here.load({ files: [here.write('a.conf', conf(LOGIN, 'noauth'))] }).keystone, undefined);
});

test('options of the paste filter replace those of the section', (t) => {
  const here = machine(t);
  here.write(
    'a-paste.ini',
    `[pipeline:glance-api-keystone]
pipeline = authtoken context app
[filter:authtoken]
paste.filter_factory = keystonemiddleware.auth_token:filter_factory
token_cache_time = 10
admin_user = old
[filter:context]
paste.filter_factory = glance.api.middleware.context:ContextMiddleware.factory
[app:app]
paste.app_factory = glance.api.v2.router:API.factory
`,
  );
  const file = here.write('a.conf', conf(`${LOGIN.replace('username = glance\n', '')}token_cache_time = 20\n`));
  const { keystone } = here.load({ files: [file] });
  t.is(keystone?.token_cache_time, 10);
  t.is(keystone?.username, 'old');
  t.false(keystone?.delay_auth_decision);
});

test('older names', (t) => {
  const here = machine(t);
  const text =
    'identity_uri = http://old:35357\nauth_uri = http://public:5000\nadmin_user = a\nadmin_password = b\nadmin_tenant_name = c\n' +
    'memcache_servers = x:1\nsigning_dir = /x\nauth_host = old\n';
  const { keystone, warnings } = here.load({ files: [here.write('a.conf', conf(text))] });
  t.is(keystone?.auth_url, 'http://old:35357');
  t.is(keystone?.www_authenticate_uri, 'http://public:5000');
  t.deepEqual([keystone?.username, keystone?.password, keystone?.project_name], ['a', 'b', 'c']);
  t.deepEqual(warnings, []);
});

const MISSING: readonly (readonly [text: string, what: RegExp])[] = [
  ['', /auth_url is not set: where is Keystone\?\n.*username is not set\n.*password is not set\n.*project_name is not/],
  [LOGIN.replace('http://ks:5000', 'ks:5000'), /auth_url must be a URL of http or https/],
  [LOGIN.replace('username', 'user_domain_id'), /username is not set/],
  [`${LOGIN}auth_type = v2password\n`, /auth_type = "v2password": must be one of password, /],
  [`${LOGIN}auth_type = none\n`, /no service may validate others/],
  [`${LOGIN}auth_type = admin_token\n`, /admin_token is not set/],
  [`${LOGIN}auth_type = v3applicationcredential\n`, /application_credential_secret is not set\n.*_id is not set, nor/],
  [
    'auth_url = http://k\nauth_type = v3applicationcredential\napplication_credential_name = n\napplication_credential_secret = s\n',
    /application_credential_id is not set, nor application_credential_name with username/,
  ],
];

for (const [text, what] of MISSING) {
  test(`a start-up error for ${JSON.stringify(text)}`, (t) => {
    const here = machine(t);
    const error = t.throws(() => here.load({ files: [here.write('a.conf', conf(text))] }), { message: what });
    t.false(error?.message.includes('secret\n'));
    t.notThrows(() => here.load({ files: [here.write('b.conf', conf(LOGIN))] }));
  });
}

test('enough of each sort', (t) => {
  const here = machine(t);
  for (const text of [
    'user_id = u\npassword = p\nproject_id = q\nauth_type = v3password\n',
    'auth_type = v3applicationcredential\napplication_credential_id = i\napplication_credential_secret = s\n',
    'auth_type = v3applicationcredential\napplication_credential_name = i\nuser_id = u\napplication_credential_secret = s\n',
    'auth_type = admin_token\nadmin_token = t\n',
  ]) {
    t.notThrows(
      () => here.load({ files: [here.write('a.conf', conf(`auth_url = https://k/identity\n${text}`))] }),
      text,
    );
  }
});

test('factories of basic authentication', (t) => {
  const here = machine(t);
  for (const line of [
    'paste.filter_factory = oslo_middleware.basic_auth:BasicAuthMiddleware.factory',
    'paste.filter_factory = oslo_middleware:BasicAuthMiddleware.factory',
    'use = egg:oslo.middleware#basic_auth',
    'use = egg:oslo.middleware#http_basic',
  ]) {
    here.write(
      'a-paste.ini',
      `[pipeline:glance-api]\npipeline = basic context app\n[filter:basic]\n${line}\n[filter:context]\n` +
        'paste.filter_factory = glance.api.middleware.context:ContextMiddleware.factory\n' +
        '[app:app]\npaste.app_factory = glance.api.v2.router:API.factory\n',
    );
    const { pipeline } = here.load({ files: [here.write('a.conf', '')] });
    t.deepEqual(
      pipeline.filters.map(({ kind }) => kind),
      ['http_basic', 'context'],
      line,
    );
  }
});
