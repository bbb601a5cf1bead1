import test from 'ava';
import { type AuthenticatorOptions, createAuthenticator } from '../../src/auth/authenticator.js';
import type { Actor } from '../../src/domain/actor.js';
import { RegistryError } from '../../src/domain/errors.js';
import type { Log } from '../../src/domain/ports/log.js';
import { V1_RULES } from '../../src/policy/defaults.js';
import { createPolicy } from '../../src/policy/enforce.js';

const quiet = () => {};
const log: Log = { debug: quiet, info: quiet, warning: quiet, error: quiet, critical: quiet, child: () => log };
const policy = createPolicy({ defaultRule: 'default', book: V1_RULES, log });

type Headers = Readonly<Record<string, string>>;

function ask(
  options: Partial<AuthenticatorOptions>,
  headers: Headers = {},
  remoteAddress = '127.0.0.1',
): Promise<Actor> {
  const authenticator = createAuthenticator({
    kind: 'trusted',
    allowAnonymous: false,
    adminRole: 'admin',
    ownerIsTenant: true,
    trustedProxies: ['127.0.0.0/8', '::1'],
    policy,
    ...options,
  });
  return authenticator.authenticate({ header: (name) => headers[name], remoteAddress });
}

const plain: Actor = { user: 'u', tenant: 't', owner: 't', roles: ['member'], isAdmin: false, readOnly: false };
const anonymous: Actor = { user: null, tenant: null, owner: null, roles: [], isAdmin: false, readOnly: true };

const TOKENS: readonly (readonly [token: string, actor: Actor, options?: Partial<AuthenticatorOptions>])[] = [
  ['u:t:member', plain],
  ['u:t:Member, Reader', { ...plain, roles: ['member', 'reader'] }],
  ['u:t:Admin', { ...plain, roles: ['admin'], isAdmin: true }],
  ['u:t:reader,admin', { ...plain, roles: ['reader', 'admin'], isAdmin: true }],
  ['u:t:', { ...plain, roles: [] }],
  ['u:none:member', { ...plain, tenant: null, owner: null }],
  ['u:None:member', { ...plain, tenant: null, owner: null }],
  ['u::member', { ...plain, tenant: null, owner: null }],
  [':t:member', { ...plain, user: null }],
  ['u%3At%3Amember', plain],
  ['u:t:member', { ...plain, owner: 'u' }, { ownerIsTenant: false }],
  ['u:t:boss', { ...plain, roles: ['boss'], isAdmin: true }, { adminRole: 'Boss' }],
];

for (const [token, actor, options] of TOKENS) {
  test(`the token ${token} with ${JSON.stringify(options ?? {})}`, async (t) => {
    t.deepEqual(await ask({ kind: 'fake', ...options }, { 'x-auth-token': token }), actor);
  });
}

for (const token of ['u', 'u:t', 'u:t:r:x']) {
  test(`the token ${token} is refused, anonymous access or not`, async (t) => {
    const error = await t.throwsAsync(ask({ kind: 'fake', allowAnonymous: true }, { 'x-auth-token': token }), {
      instanceOf: RegistryError,
    });
    t.is(error.kind, 'unauthenticated');
    t.is(error.message, '');
  });
}

const sent = { 'x-identity-status': 'Confirmed', 'x-user-id': 'u', 'x-tenant-id': 't', 'x-roles': 'Member' };

const IDENTITIES: readonly (readonly [what: string, headers: Headers, from: string, actor: Actor])[] = [
  ['tenant', sent, '127.0.0.1', plain],
  ['IPv6', sent, '::1', plain],
  ['IPv4-mapped', sent, '::ffff:127.0.0.9', plain],
  ['project', { ...sent, 'x-project-id': 'p' }, '127.0.0.1', { ...plain, tenant: 'p', owner: 'p' }],
  ['several roles', { ...sent, 'x-roles': 'a, Admin ,' }, '::1', { ...plain, roles: ['a', 'admin'], isAdmin: true }],
  ['a service', { ...sent, 'x-service-roles': 'Service, ' }, '::1', { ...plain, serviceRoles: ['service'] }],
  ['a catalog', { ...sent, 'x-service-catalog': '[{"type": "image"}]' }, '::1', plain],
  ['nothing but the status', { 'x-identity-status': 'Confirmed' }, '::1', { ...anonymous, readOnly: false }],
];

for (const [what, headers, from, actor] of IDENTITIES) {
  test(`identity headers: ${what} from ${from}`, async (t) => {
    t.deepEqual(await ask({}, headers, from), actor);
  });
}

const NO_IDENTITY: readonly (readonly [what: string, headers: Headers, from: string])[] = [
  ['no headers', {}, '127.0.0.1'],
  ['no status', { 'x-user-id': 'u', 'x-tenant-id': 't', 'x-roles': 'admin' }, '127.0.0.1'],
  ['status Invalid', { ...sent, 'x-identity-status': 'Invalid' }, '127.0.0.1'],
  ['status confirmed', { ...sent, 'x-identity-status': 'confirmed' }, '127.0.0.1'],
  ['another address', sent, '192.0.2.1'],
  ['another mapped address', sent, '::ffff:192.0.2.1'],
  ['another IPv6 address', sent, '::2'],
  ['a socket without an address', sent, ''],
  ['a token that another pipeline would take', { 'x-auth-token': 'u:t:admin' }, '127.0.0.1'],
];

for (const [what, headers, from] of NO_IDENTITY) {
  test(`${what} is no identity: 401, or read-only where anonymous access is on`, async (t) => {
    const error = await t.throwsAsync(ask({}, headers, from), { instanceOf: RegistryError });
    t.is(error.kind, 'unauthenticated');
    t.is(error.message, '');
    t.deepEqual(await ask({ allowAnonymous: true }, headers, from), anonymous);
  });
}

test('identity headers do not count where tokens do', async (t) => {
  await t.throwsAsync(ask({ kind: 'fake' }, sent), { instanceOf: RegistryError });
});

test('a service catalog that is no JSON is bad input', async (t) => {
  const error = await t.throwsAsync(ask({}, { ...sent, 'x-service-catalog': '{' }), { instanceOf: RegistryError });
  t.is(error.kind, 'invalid');
  t.is(error.message, 'Invalid service catalog json.');
});

test('without authentication everyone is an administrator without a tenant, whatever the request says', async (t) => {
  const actor = await ask({ kind: 'none' }, { 'x-auth-token': 'u:t:member', ...sent }, '192.0.2.1');
  t.deepEqual(actor, {
    user: null,
    tenant: null,
    owner: null,
    roles: ['admin', 'member', 'reader'],
    isAdmin: true,
    readOnly: false,
  });
  t.true(policy.allows(actor, 'publicize_image'));
});

test('the policy context_is_admin makes administrators too', async (t) => {
  const granting = {
    ...policy,
    allows: (actor: Actor, action: string) => action === 'context_is_admin' && actor.user === 'u',
  };
  t.true((await ask({ policy: granting }, sent)).isAdmin);
  t.false((await ask({ policy: granting }, { ...sent, 'x-user-id': 'v' })).isAdmin);
});
