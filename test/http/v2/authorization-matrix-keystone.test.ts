import test from 'ava';
import { type Actors, authorizationMatrix, type Caller } from '../../suites/authorization-matrix.js';
import { keystoneSettings } from '../../support/keystone-server.js';
import { keystoneOfTests, RealKeystone } from '../../support/real-keystone.js';
import { ServerUnderTest } from '../../support/server.js';
import { V1Client } from '../../support/v1-client.js';
import { V2Client } from '../../support/v2-client.js';

const given = keystoneOfTests();

interface World extends Actors {
  readonly server: ServerUnderTest;
  readonly keystone: RealKeystone;
  with(token?: string): V2Client;
}

/** Both APIs with the tokens of a real Keystone. */
function withRealKeystone(login: NonNullable<typeof given>): void {
  let made: World | undefined;
  const world = (): World => {
    if (made === undefined) throw new Error('the server has not been started');
    return made;
  };

  test.before(async (t) => {
    t.timeout(120_000);
    const keystone = await RealKeystone.connect(login);
    const [owner, friend, other, services] = [
      await keystone.project(),
      await keystone.project(),
      await keystone.project(),
      await keystone.project(),
    ];
    const roles: Readonly<Record<Caller, readonly [project: string, role: string]>> = {
      'a member of the owner': [owner, 'member'],
      'a reader of the owner': [owner, 'reader'],
      'someone of the owner without a known role': [owner, 'stranger'],
      'a member of the project that it is shared with': [friend, 'member'],
      'a member of another project': [other, 'member'],
      'a reader of another project': [other, 'reader'],
      'a service of another project': [services, 'service'],
      'an administrator': [other, 'admin'],
    };
    const tokens = new Map<string, string>();
    for (const [caller, [project, role]] of Object.entries(roles)) {
      tokens.set(caller, await keystone.member(project, role));
    }
    const [project_name = '', username = ''] = login.user.split(':');
    const server = await ServerUnderTest.start(
      keystoneSettings({ auth_url: login.url, username, password: login.key, project_name }),
    );
    const anyone = new V2Client(new V1Client(() => server.port));
    const as = (caller: Caller): V2Client => anyone.as(tokens.get(caller));
    made = { owner, friend, as, server, keystone, with: (token) => anyone.as(token) };
  });

  test.after.always(async () => {
    await made?.server.stop();
    made?.server.dispose();
    await made?.keystone.close();
  });

  authorizationMatrix(world);

  test('tokens of a domain, of the system, of nothing, and a revoked one', async (t) => {
    const { keystone, with: bearer, owner } = world();
    const user = await keystone.user();
    await keystone.grant(user, 'admin', 'system');
    await keystone.grant(user, 'admin', 'domains/default');
    await keystone.grant(user, 'member', `projects/${owner}`);
    for (const scope of [{ system: { all: true } }, { domain: { id: 'default' } }]) {
      const client = bearer(await keystone.tokenOf(user, scope));
      for (const path of ['/v2/images', '/v1/images', '/v2/schemas/image']) {
        t.is((await client.get(path)).status, 403, JSON.stringify(scope));
      }
    }
    const unscoped = bearer(await keystone.tokenOf(user, 'unscoped'));
    t.is((await unscoped.get('/v2/images')).status, 403);
    t.is((await unscoped.send('POST', '/v2/images', { json: {} })).status, 403);
    t.is((await unscoped.get('/v2/schemas/image')).status, 200);
    const revoked = await keystone.tokenOf(user, { project: { id: owner } });
    await keystone.revoke(revoked);
    t.is((await bearer(revoked).get('/v2/images')).status, 401);
    t.is((await bearer().get('/v2/images')).status, 401);
  });

  test('API v1: who is told what', async (t) => {
    const { as, friend, keystone, with: bearer } = world();
    const owner = as('a member of the owner').v1;
    const other = as('a member of another project').v1;
    const known = as('a member of the project that it is shared with').v1;
    const admin = as('an administrator').v1;
    const statuses = async (client: V1Client, id: string) => [
      (await client.send('HEAD', `/v1/images/${id}`)).status,
      (await client.send('PUT', `/v1/images/${id}`, { headers: { 'x-image-meta-property-x': 'y' } })).status,
      (await client.send('PUT', `/v1/images/${id}/members/x`)).status,
      (await client.send('DELETE', `/v1/images/${id}`)).status,
    ];

    const hidden = await owner.create({ 'x-image-meta-name': 'private' });
    t.deepEqual(await statuses(bearer().v1, hidden.id), [401, 401, 401, 401], 'no identity');
    t.deepEqual(await statuses(other, hidden.id), [404, 404, 404, 404], 'invisible');
    const refused = await owner.send('POST', '/v1/images', { headers: { 'x-image-meta-is_public': 'True' } });
    t.is(refused.status, 403, 'the policy denies publishing');
    const open = await admin.create({ 'x-image-meta-is_public': 'True' });
    t.deepEqual(await statuses(owner, open.id), [200, 403, 404, 403], 'public, and another’s');
    const unscoped = bearer(await keystone.tokenOf(await keystone.user(), 'unscoped')).v1;
    t.is((await unscoped.send('PUT', `/v1/images/${open.id}/members/x`)).status, 401, 'no tenant');
    t.is((await unscoped.send('POST', '/v1/images')).status, 401, 'nobody would own it, and everybody see it');

    t.is((await owner.send('PUT', `/v1/images/${hidden.id}/members/${friend}`)).status, 204);
    t.deepEqual(await statuses(known, hidden.id), [200, 404, 404, 404], 'shared with the actor');

    const guard = { headers: { 'x-image-meta-protected': 'True' } };
    t.is((await owner.send('PUT', `/v1/images/${hidden.id}`, guard)).status, 200);
    t.is((await owner.send('DELETE', `/v1/images/${hidden.id}`)).status, 403, 'protected');
    t.is((await admin.send('HEAD', `/v1/images/${hidden.id}`)).status, 200);
  });
}

if (given) withRealKeystone(given);
else test.skip('real Keystone: TEST_KEYSTONE_URL, TEST_KEYSTONE_USER and TEST_KEYSTONE_KEY name none', () => {});
