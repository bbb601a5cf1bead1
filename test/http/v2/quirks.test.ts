import { randomUUID } from 'node:crypto';
import test from 'ava';
import { exchange, request } from '../../support/raw-http.js';
import { DRAFT_10, detail, FORMATS, imageOf, verdict } from '../../support/v2-client.js';
import { useV2Server } from '../../support/v2-server.js';

// Where Glance answers 500, hangs or gives something away (image-api-v2 section 2.14 and the quirks named elsewhere).

const server = useV2Server();
const { admin, member } = server;

const add = (path: string, value: unknown) => ({ op: 'add', path, value });

test('a list where an object is due is a bad request', async (t) => {
  const user = member();
  const { id } = await user.create();
  for (const json of [[], [1], [{}], ['name']]) {
    t.is((await user.send('POST', '/v2/images', { json })).status, 400, JSON.stringify(json));
    t.is((await user.send('POST', `/v2/images/${id}/members`, { json })).status, 400, JSON.stringify(json));
    t.is((await user.send('PUT', `/v2/images/${id}/members/m`, { json })).status, 400, JSON.stringify(json));
  }
});

test('a range over what is no number is a bad request', async (t) => {
  for (const query of ['bogus_min=1', 'name_max=1', '_min=1', 'tags_min=1', 'created_at_min=1']) {
    t.is((await member().get(`/v2/images?${query}`)).status, 400, query);
  }
  t.is(
    verdict(await member().get('/v2/images?bogus_min=1')),
    "400 Unable to filter on a range of 'bogus': it is no number.",
  );
});

test('names that Glance uses within are properties like others', async (t) => {
  const user = member();
  const { id } = await user.create();
  for (const name of ['image_id', 'extra_properties', 'delete', 'constructor', '__proto__', 'toString']) {
    const answer = await user.patch(id, [add(`/${name}`, 'x')]);
    t.is(answer.status, 200, name);
    const shown = await user.get(`/v2/images/${id}`);
    for (const { text } of [answer, shown]) t.regex(text, new RegExp(`"${name}": ?"x"`), name);
    t.is((await user.patch(id, [{ op: 'remove', path: `/${name}` }])).status, 200, name);
  }
});

test('a range of an image without data is nothing', async (t) => {
  const user = member();
  const { id } = await user.create(FORMATS);
  t.is((await user.get(`/v2/images/${id}/file`, { range: 'bytes=0-1' })).status, 204);
  t.is((await user.get(`/v2/images/${id}/file`, { 'content-range': 'bytes 0-1/*' })).status, 204);
});

test('a request’s Content-Range never promises more than there is', async (t) => {
  const user = member();
  const { id } = await user.create({}, 'hello');
  for (const range of ['bytes 0-99/5', 'bytes 0-5/5', 'bytes 0-99/100', 'bytes */5', 'bytes 0-4/']) {
    t.is((await user.get(`/v2/images/${id}/file`, { 'content-range': range })).status, 416, range);
  }
});

test('ranges without numbers', async (t) => {
  const user = member();
  const { id } = await user.create({}, 'hello');
  for (const range of ['bytes=-', 'bytes=', '=', 'bytes']) {
    t.is((await user.get(`/v2/images/${id}/file`, { range })).status, 416, range);
  }
});

test('repeated parameters are all in the next link', async (t) => {
  const user = member();
  for (const name of ['one', 'two']) await user.create({ name, tags: ['a', 'b'] });
  await user.create({ name: 'three', tags: ['b'] });
  const { next = '', images } = await user.list('?tag=a&tag=b&limit=1');
  t.is(next, `/v2/images?tag=a&tag=b&limit=1&marker=${images[0]?.id}`);
  t.deepEqual(await user.names(next.replace('/v2/images', '')), ['one']);
});

test('of data that was refused no hash is left', async (t) => {
  const user = member();
  const { id } = await user.create({ disk_format: 'qcow2', container_format: 'bare' });
  t.is((await user.upload(id, { body: 'no such thing'.repeat(100) })).status, 415);
  t.like(await user.show(id), {
    status: 'queued',
    size: null,
    checksum: null,
    os_hash_algo: null,
    os_hash_value: null,
    virtual_size: null,
  });
});

test('hashes are not for clients to say', async (t) => {
  for (const name of ['os_hash_algo', 'os_hash_value']) {
    for (const value of ['sha512', null]) {
      const answer = await member().send('POST', '/v2/images', { json: { [name]: value } });
      t.is(verdict(answer), `403 Attribute '${name}' is read-only.`);
    }
  }
});

test('without a cache there is none', async (t) => {
  t.is((await admin.send('DELETE', `/v2/cache/${randomUUID()}`)).status, 404);
  t.is((await admin.get('/v2/cache')).status, 404);
});

for (const visibility of ['private', 'shared', 'community']) {
  test(`nobody gives a ${visibility} image away by adding an owner`, async (t) => {
    const user = member();
    const { id, owner } = await user.create({ visibility });
    for (const op of ['add', 'replace']) {
      const answer = await user.patch(id, [{ op, path: '/owner', value: 'p' }]);
      t.is(verdict(answer), detail(403, "Owner can't be updated by non admin."));
    }
    t.is((await user.show(id)).owner, owner);
  });
}

test('a member is a text', async (t) => {
  const user = member();
  const { id } = await user.create();
  for (const name of [5, true, ['x'], { a: 1 }, 'x'.repeat(256)]) {
    t.is((await user.send('POST', `/v2/images/${id}/members`, { json: { member: name } })).status, 400);
  }
  const members: unknown = JSON.parse((await user.get(`/v2/images/${id}/members`)).text);
  t.deepEqual(members, { members: [], schema: '/v2/schemas/members' });
});

test('a property’s name is as short in a patch as at the start', async (t) => {
  const user = member();
  const { id } = await user.create();
  const refused = '400 Custom property should not be greater than 255 characters.';
  t.is(verdict(await user.patch(id, [add(`/${'k'.repeat(256)}`, 'v')])), refused);
  t.is((await user.patch(id, [add(`/${'k'.repeat(255)}`, 'v')])).status, 200);
});

test('a property may have an empty name, and is got rid of again', async (t) => {
  const user = member();
  const { id } = await user.create();
  t.is(imageOf(await user.patch(id, [add('/', 'x')]))[''], 'x');
  t.false('' in imageOf(await user.patch(id, [{ op: 'remove', path: '/' }])));
});

test('paths and queries that are no text', async (t) => {
  for (const path of ['/v2/images/%ff', '/v2/images/%', '/v2/images?name=%ff', `/v2/images/${randomUUID()}/tags/%c3`]) {
    const method = path.includes('tags') ? 'PUT' : 'GET';
    const token = { 'X-Auth-Token': 'a:none:admin' };
    t.is((await exchange(server.running.port, request(method, path, token)))?.status, 400, path);
  }
});

test('numbers that are none', async (t) => {
  for (const body of ['{"min_ram": NaN}', '{"min_ram": Infinity}', '{"min_ram": 1e400}', '{"x": -Infinity}']) {
    t.is((await member().send('POST', '/v2/images', { body })).status, 400, body);
  }
});

test('what replaces locations with strange ones says nothing of those that are there', async (t) => {
  const user = member();
  const { id } = await user.create({}, 'data');
  const answer = await user.send('PATCH', `/v2/images/${id}`, {
    headers: DRAFT_10,
    json: [{ op: 'replace', path: '/locations', value: [{ url: 'http://127.0.0.1/x', metadata: {} }] }],
  });
  t.is(answer.status, 403);
  t.false(answer.text.includes('file:'));
});
