import test from 'ava';
import { checkAnswer } from '../../support/v1-answer.js';
import { imageOf, type V1Client } from '../../support/v1-client.js';
import { ADMIN, useServer } from '../../support/v1-server.js';

const IDENTITY = { 'x-identity-status': 'Confirmed', 'x-roles': 'admin' };
const open = useServer({}, { filters: ['versionnegotiation', 'unauthenticated'] });
const faked = useServer();
const anonymous = useServer({ DEFAULT: { allow_anonymous_access: true } });
const trusted = useServer({}, { filters: ['versionnegotiation', 'context'], identity: IDENTITY });
const distrustful = useServer(
  { glimpse: { auto_migrate: true, trusted_proxies: '10.0.0.1' }, DEFAULT: { allow_anonymous_access: true } },
  { filters: ['versionnegotiation', 'context'], identity: IDENTITY },
);
const users = useServer(
  { DEFAULT: { owner_is_tenant: false, admin_role: 'boss' } },
  { identity: { 'x-auth-token': 'root:none:boss' } },
);

async function ownerOf(client: V1Client, headers: Readonly<Record<string, string>> = {}): Promise<string | null> {
  return imageOf(await client.send('POST', '/v1/images', { headers })).owner;
}

test('without authentication everyone is an admin without a tenant, whatever is sent, and may publish', async (t) => {
  const { id } = await open.admin.as('u:t:member').create({ 'x-image-meta-is_public': 'True' });
  t.is(await ownerOf(open.admin), null);
  t.is(await ownerOf(open.admin.as('u:t:member'), { ...IDENTITY, 'x-tenant-id': 't' }), null);
  await open.admin.send('DELETE', `/v1/images/${id}`);
  t.is(await open.admin.as().statusOf(id), 'deleted');
});

test('a request id of the client counts only behind an authentication', async (t) => {
  const headers = { 'x-openstack-request-id': 'req-mine' };
  const path = '/v1/images';
  t.not((await open.admin.send('GET', path, { headers })).headers['x-openstack-request-id'], 'req-mine');
  t.is((await faked.admin.send('GET', path, { headers })).headers['x-openstack-request-id'], 'req-mine');
});

/** Tokens `user:tenant:role` that are none. */
for (const token of [undefined, '', 'u', 'u:t', 'u:t:r:more']) {
  test(`fakeauth refuses the token ${token ?? '(none)'}`, async (t) => {
    for (const path of ['/v1/images', '/v1/images/x', '/v1/none']) {
      checkAnswer(t, await faked.admin.as(token).send('GET', path), { status: 401, details: '' });
    }
    checkAnswer(t, await faked.admin.as(token).send('POST', '/v1/images'), { status: 401, details: '' });
  });
}

test('fakeauth takes the tenant for the owner, none for nobody', async (t) => {
  t.is(await ownerOf(faked.admin.as('u:t:member')), 't');
  t.is(await ownerOf(faked.admin.as('u:none:member')), null);
  t.is(await ownerOf(faked.admin.as('u:None:a,b')), null);
});

test('roles are told apart whatever their case, and may be several', async (t) => {
  const publish = { headers: { 'x-image-meta-is_public': 'True' } };
  for (const token of ['u:t:admin', 'u:t:Admin', 'u:t:member,ADMIN', ADMIN]) {
    t.is((await faked.admin.as(token).send('POST', '/v1/images', publish)).status, 201, token);
  }
  for (const token of ['u:t:member', 'u:t:administrator', 'u:t:']) {
    t.is((await faked.admin.as(token).send('POST', '/v1/images', publish)).status, 403, token);
  }
});

/** What anonymous access may not do, wherever it may look. */
const WRITES: readonly [method: string, path: string, json?: object][] = [
  ['POST', '/v1/images'],
  ['PUT', '/v1/images/ID'],
  ['PUT', '/v1/images/missing'],
  ['DELETE', '/v1/images/ID'],
  ['DELETE', '/v1/images/missing'],
  ['PUT', '/v1/images/ID/members/t'],
  ['DELETE', '/v1/images/ID/members/t'],
  ['PUT', '/v1/images/ID/members', { memberships: [] }],
];
test('anonymous access looks and does not touch', async (t) => {
  const { id } = await anonymous.admin.create({ 'x-image-meta-is_public': 'True' }, 'data');
  const nobody = anonymous.admin.as();
  checkAnswer(t, await nobody.send('GET', `/v1/images/${id}`), { status: 200, body: 'data' });
  t.is((await nobody.send('GET', '/v1/images')).status, 200);
  t.is((await nobody.send('GET', `/v1/images/${id}/members`)).text, '{"members": []}');
  for (const [method, path, json] of WRITES) {
    const answer = await nobody.send(method, path.replace('ID', id), json === undefined ? {} : { json });
    checkAnswer(t, answer, { status: 403, details: 'Read-only access' });
  }
  const bad = { headers: { 'x-image-meta-bogus': 'x' } };
  t.is((await nobody.send('POST', '/v1/images', bad)).status, 400);
});

test('identity headers of a trusted address are believed', async (t) => {
  const { admin } = trusted;
  const nobody = admin.as();
  const user = { 'x-identity-status': 'Confirmed', 'x-user-id': 'u', 'x-roles': 'member, Other' };
  t.is(await ownerOf(nobody, { ...user, 'x-tenant-id': 'tenant' }), 'tenant');
  t.is(await ownerOf(nobody, { ...user, 'x-project-id': 'project' }), 'project');
  t.is(await ownerOf(nobody, user), null);
  const publish = { 'x-image-meta-is_public': 'True' };
  t.is((await nobody.send('POST', '/v1/images', { headers: { ...user, ...publish } })).status, 403);
  t.is((await admin.send('POST', '/v1/images', { headers: publish })).status, 201);
});

test('identity headers that are not confirmed, or no JSON, are refused', async (t) => {
  const nobody = trusted.admin.as();
  for (const status of ['Invalid', 'confirmed', '']) {
    const headers = { ...IDENTITY, 'x-identity-status': status };
    t.is((await nobody.send('GET', '/v1/images', { headers })).status, 401);
  }
  t.is((await nobody.send('GET', '/v1/images')).status, 401);
  const headers = { ...IDENTITY, 'x-service-catalog': '{' };
  t.is((await nobody.send('GET', '/v1/images', { headers })).status, 400);
});

test('identity headers of any other address are nothing', async (t) => {
  const answer = await distrustful.admin.send('POST', '/v1/images');
  checkAnswer(t, answer, { status: 403, details: 'Read-only access' });
});

test('owner_is_tenant and admin_role are options', async (t) => {
  t.is(await ownerOf(users.admin.as('user:tenant:admin')), 'user');
  const { id } = await users.admin.as('user:tenant:member').create();
  t.is(await users.admin.as('user:elsewhere:member').statusOf(id), 'queued');
  t.is(await users.admin.as('other:tenant:member').statusOf(id), 404);
  t.is(await users.admin.as('other:tenant:Boss').statusOf(id), 'queued');
});
