import { join } from 'node:path';
import test from 'ava';
import { hashSync } from 'bcryptjs';
import { KeystoneDouble } from '../support/keystone-double.js';
import { keystoneSettings } from '../support/keystone-server.js';
import { ServerUnderTest, type Settings } from '../support/server.js';
import { V1Client } from '../support/v1-client.js';
import { useFolder } from '../support/v1-server.js';
import { detail, V2Client, verdict } from '../support/v2-client.js';

// Whole servers behind Keystone and behind an htpasswd file: what clients see of who they are.

const folder = useFolder({ htpasswd: `ann:${hashSync('secret', 4)}\n` });
const SERVICE = { username: 'glance', password: 'secret', project_name: 'service' };

async function keystoneServer(more: Readonly<Record<string, string | boolean>> = {}, settings: Settings = {}) {
  const keystone = await KeystoneDouble.start();
  const server = await ServerUnderTest.start(
    keystoneSettings({ auth_url: keystone.url, ...SERVICE }, { DEFAULT: more, ...settings }),
  );
  const client = new V1Client(() => server.port);
  const end = async (): Promise<void> => {
    try {
      await server.stop();
    } finally {
      server.dispose();
      await keystone.stop().catch(() => {});
    }
  };
  return { server, client, keystone, end, as: (token?: string) => new V2Client(client.as(token)) };
}

const SPOOFED = {
  'x-identity-status': 'Confirmed',
  'x-user-id': 'root',
  'x-user': 'root',
  'x-project-id': 'pa',
  'x-tenant-id': 'pa',
  'x-tenant': 'pa',
  'x-roles': 'admin',
  'x-role': 'admin',
  'x-is-admin-project': 'True',
  'x-service-roles': 'service',
  'x-service-identity-status': 'Confirmed',
  'openstack-system-scope': 'all',
};

test('tokens, refusals and outages', async (t) => {
  const { server, keystone, as, client, end } = await keystoneServer();
  t.teardown(end);
  const owner = as(keystone.issue({ user: 'u', project: 'pa', roles: ['Member', 'reader'] }));
  const { id } = await owner.create({ name: 'mine' });
  t.is((await owner.show(id)).owner, 'pa');

  for (const path of ['/v2/images', '/v1/images', `/v2/images/${id}/file`]) {
    for (const token of [undefined, 'made-up']) {
      const refused = await client.as(token).send('GET', path);
      t.is(refused.status, 401, path);
      t.is(refused.headers['www-authenticate'], 'Keystone uri="https://keystone.example.org"', path);
      t.true(refused.text.includes('This server could not verify that you are authorized'), path);
    }
    const spoofed = await client.send('GET', path, { headers: SPOOFED });
    t.is(spoofed.status, 401, `${path} with headers of somebody else`);
  }
  t.is((await client.send('GET', '/versions')).status, 200, 'versions are for everybody');

  const stranger = as(keystone.issue({ user: 's', project: 'pb', roles: ['member', 'reader'] }));
  t.is((await stranger.get(`/v2/images/${id}`, SPOOFED)).status, 404);
  t.is((await stranger.send('POST', '/v2/images', { headers: SPOOFED, json: { visibility: 'public' } })).status, 403);
  const made = await stranger.send('POST', '/v2/images', { headers: SPOOFED, json: {} });
  t.is(JSON.parse(made.text).owner, 'pb');

  for (const scope of [{ domain: { id: 'default' } }, { system: { all: true } }]) {
    const other = as(keystone.issue({ roles: ['admin', 'member', 'reader'], scope }));
    for (const path of ['/v2/images', `/v2/images/${id}`, '/v1/images']) {
      t.is((await other.get(path)).status, 403, JSON.stringify(scope));
    }
  }

  await keystone.stop();
  t.is((await owner.show(id)).name, 'mine', 'who is known goes on');
  const unknown = await as(keystone.issue({ project: 'pa' })).get('/v2/images');
  t.is(unknown.status, 503);
  t.is(unknown.headers['retry-after'], '5');
  t.true(unknown.text.includes('The Keystone service is temporarily unavailable.'));
  t.is((await client.send('GET', '/v2/images')).status, 401, 'nobody has to be asked about nobody');
  await keystone.restart();
  t.is((await as(keystone.issue({ project: 'pa' })).get('/v2/images')).status, 200);
  for (const secret of ['gAAAA', 'service-', '=secret', '"secret"']) t.false(server.output.includes(secret), secret);
});

test('one validation for many requests of one token', async (t) => {
  const { keystone, as, end } = await keystoneServer();
  t.teardown(end);
  const client = as(keystone.issue({ project: 'p' }));
  const lanes = Array.from({ length: 8 }, async () => {
    for (let round = 0; round < 25; round += 1) await client.expect(200, 'GET', '/v2/schemas/image');
  });
  await Promise.all(lanes);
  t.deepEqual([keystone.logins, keystone.asked.length], [1, 1]);
});

for (const enforce_new_defaults of [true, false]) {
  test(`an anonymous visitor sees what is public and nothing else, with ${enforce_new_defaults ? 'new' : 'older'} rules`, async (t) => {
    const { keystone, server, as, end } = await keystoneServer(
      { allow_anonymous_access: true, show_multiple_locations: true, show_image_direct_url: true },
      { oslo_policy: { enforce_new_defaults } },
    );
    t.teardown(end);
    const admin = as(keystone.issue({ project: 'pa', roles: ['admin', 'member', 'reader'] }));
    const seen = await admin.create({ name: 'public', visibility: 'public', disk_format: 'raw' }, 'bytes');
    const kinds = ['private', 'shared', 'community'] as const;
    const hidden = await Promise.all(
      [
        ...kinds.map((visibility) => ({ name: visibility, visibility })),
        { name: 'nobody’s', visibility: 'shared', owner: null },
      ].map((image) => admin.create(image, 'hidden')),
    );
    for (const { id } of hidden.filter(({ visibility }) => visibility === 'shared')) {
      await admin.expect(200, 'POST', `/v2/images/${id}/members`, { json: { member: 'pb' } });
    }
    for (const [who, visitor] of [
      ['nobody', as()],
      ['a bad token', as('made-up')],
      ['somebody made up', new V2Client(new V1Client(() => server.port, SPOOFED))],
    ] as const) {
      t.deepEqual(await visitor.names(''), ['public'], who);
      for (const query of [
        '?visibility=all',
        '?visibility=public',
        '?owner=pa',
        '?os_hidden=false',
        '?member_status=all',
      ]) {
        t.deepEqual(await visitor.names(query), ['public'], `${who} ${query}`);
      }
      for (const query of ['?visibility=community', '?visibility=shared', '?visibility=private', '?owner=pb']) {
        t.deepEqual(await visitor.names(query), [], `${who} ${query}`);
      }
      const image = await visitor.show(seen.id);
      t.deepEqual([image.locations, image.direct_url], [undefined, undefined]);
      t.is((await visitor.get(`/v2/images/${seen.id}/file`)).text, 'bytes', who);
      t.not((await visitor.get(`/v2/images/${seen.id}/members`)).status, 200, who);
      t.not((await visitor.get(`/v2/images/${seen.id}/locations`)).status, 200, who);
      t.deepEqual(await visitor.v1.names(''), ['public'], who);
      for (const query of ['is_public=None', 'is_public=False', 'changes-since=2000-01-01T00:00:00Z', 'owner=pa']) {
        t.deepEqual(await visitor.v1.names(query), ['public'], `${who} ${query}`);
      }
      t.is((await visitor.v1.send('GET', `/v1/images/${seen.id}`)).text, 'bytes');
      t.deepEqual(JSON.parse((await visitor.v1.send('GET', '/v1/shared-images/pb')).text), { shared_images: [] });
      t.is((await visitor.v1.send('GET', `/v1/images/${seen.id}/members`)).text, '{"members": []}');
      for (const { id, name } of hidden) {
        for (const path of ['', '/file', '/members', '/locations', '/tags/x', '/actions/deactivate']) {
          t.not((await visitor.get(`/v2/images/${id}${path}`)).status, 200, `${who}: ${name}${path}`);
        }
        t.is((await visitor.get(`/v2/images?marker=${id}`)).status, 400, `${who}: ${name} as a marker`);
        t.is((await visitor.v1.send('GET', `/v1/images/${id}`)).status, 404, `${who}: ${name}`);
        t.is((await visitor.v1.send('HEAD', `/v1/images/${id}`)).status, 404, `${who}: ${name}`);
      }
      const draft = await visitor.send('POST', '/v2/images', { json: {} });
      t.is(verdict(draft), detail(403, 'Read-only access'), who);
      t.is((await visitor.send('DELETE', `/v1/images/${seen.id}`)).status, 403);
    }
  });
}

/** A server for the users of an htpasswd file. */
async function basicServer(file: string): Promise<{ server: ServerUnderTest; client: V1Client }> {
  const server = await ServerUnderTest.start({
    paste_deploy: { flavor: 'http_basic' },
    oslo_middleware: { http_basic_auth_user_file: join(folder, file) },
  });
  return { server, client: new V1Client(() => server.port) };
}

test('an htpasswd file', async (t) => {
  const { server, client } = await basicServer('htpasswd');
  t.teardown(() => server.dispose());
  const authorization = (user: string, password: string) => ({
    authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
  });
  for (const headers of [{}, authorization('ann', 'Secret'), authorization('bob', 'secret'), SPOOFED]) {
    const refused = await client.send('GET', '/v2/images', { headers });
    t.is(refused.status, 401);
    t.regex(refused.headers['www-authenticate'] ?? '', /^Basic realm=/);
  }
  const headers = authorization('ann', 'secret');
  const made = await client.send('POST', '/v2/images', { headers, json: { visibility: 'public', name: 'x' } });
  t.is(made.status, 201);
  t.is(JSON.parse(made.text).owner, null);
  await server.stop();
  t.false(server.output.includes(headers.authorization));
});

test('an htpasswd file that is not there is a start-up error', async (t) => {
  await t.throwsAsync(basicServer('none'), { message: /none: ENOENT/ });
});
