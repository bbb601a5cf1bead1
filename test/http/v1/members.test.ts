import { randomUUID } from 'node:crypto';
import test from 'ava';
import { RawConnection, request } from '../../support/raw-http.js';
import { checkAnswer, quoted } from '../../support/v1-answer.js';
import type { V1Client, V1Request } from '../../support/v1-client.js';
import { ADMIN, useServer } from '../../support/v1-server.js';

const server = useServer();
const { admin } = server;

/** An image of a tenant of its own, and clients of that tenant and of two others. */
async function shared() {
  const tenant = randomUUID();
  const [friend, other] = [`friend-${tenant}`, `other-${tenant}`];
  const owner = admin.as(`u:${tenant}:member`);
  const { id } = await owner.create({ 'x-image-meta-name': tenant }, 'secret');
  return {
    id,
    owner,
    names: { image: tenant, friend, other },
    friend: admin.as(`u:${friend}:member`),
    other: admin.as(`u:${other}:member`),
    put: (client: V1Client, path = '', request: V1Request = {}) =>
      client.send('PUT', `/v1/images/${id}/members${path}`, request),
    members: async (client: V1Client): Promise<readonly object[]> => {
      const { members }: { members: object[] } = JSON.parse(
        (await client.send('GET', `/v1/images/${id}/members`)).text,
      );
      return members;
    },
  };
}

const NO_RIGHT = {
  status: 404,
  explains: quoted('Access was denied to this resource. No permission to share that image', '403 Forbidden'),
};

test('a member sees the image and its data, is listed, and no more once removed', async (t) => {
  const { id, owner, friend, names, put } = await shared();
  t.is(await friend.statusOf(id), 404);
  checkAnswer(t, await put(owner, `/${names.friend}`), { status: 204, body: '' });
  checkAnswer(t, await friend.send('GET', `/v1/images/${id}`), { status: 200, body: 'secret' });
  t.deepEqual(await friend.names(`name=${names.image}`), [names.image]);
  checkAnswer(t, await friend.send('GET', `/v1/shared-images/${names.friend}`), {
    status: 200,
    body: `{"shared_images": [{"image_id": "${id}", "can_share": false}]}`,
  });
  const remove = await owner.send('DELETE', `/v1/images/${id}/members/${names.friend}`);
  checkAnswer(t, remove, { status: 204, body: '' });
  t.is((await friend.send('GET', `/v1/images/${id}`)).status, 404);
  t.deepEqual(await friend.names(`name=${names.image}`), []);
});

test('members are listed in the order of their adding', async (t) => {
  const { owner, put, members } = await shared();
  for (const name of ['zz', 'aa', 'mm']) await put(owner, `/${name}`);
  await put(owner, '/aa', { json: { member: { can_share: true } } });
  t.deepEqual(await members(owner), [
    { member_id: 'zz', can_share: false },
    { member_id: 'aa', can_share: true },
    { member_id: 'mm', can_share: false },
  ]);
});

/** What the body of a PUT of one member makes of `can_share`, of a new member and of one that could share before. */
const BODIES: readonly [request: V1Request, fresh: boolean, kept: boolean][] = [
  [{}, false, true],
  [{ json: {} }, false, true],
  [{ json: [] }, false, true],
  [{ json: { can_share: false } }, false, true],
  [{ json: { member: {} } }, false, true],
  [{ json: { member: [] } }, false, true],
  [{ json: { member: 'x' } }, false, true],
  [{ json: { member: { can_share: true } } }, true, true],
  [{ json: { member: { can_share: false } } }, false, false],
  [{ json: { member: { can_share: 'false' } } }, true, true],
  [{ json: { member: { can_share: 1 } } }, true, true],
  [{ json: { member: { can_share: 0 } } }, false, false],
  [{ json: { member: { can_share: null } } }, false, false],
  [{ json: { member: { can_share: [] } } }, false, false],
];
for (const [request, fresh, kept] of BODIES) {
  test(`a member with ${JSON.stringify(request.json) ?? 'no body'}`, async (t) => {
    const { owner, put, members } = await shared();
    await put(owner, '/old', { json: { member: { can_share: true } } });
    for (const name of ['new', 'old']) t.is((await put(owner, `/${name}`, request)).status, 204);
    t.deepEqual(await members(owner), [
      { member_id: 'old', can_share: kept },
      { member_id: 'new', can_share: fresh },
    ]);
  });
}

const association = (why: string) => ({ explains: quoted(`Invalid membership association: ${why}`) });
const SCALAR = { explains: 'Unexpected body type. Expected list/dict.' };
const MALFORMED = { explains: 'Malformed JSON in request body.' };

/** Bodies that are refused with 400, for one member and for all of them. */
const BAD: readonly [path: string, request: V1Request, wanted: { readonly explains?: string }][] = [
  ['/one', { json: { member: null } }, {}],
  ['/one', { json: 1 }, SCALAR],
  ['/one', { body: '{' }, MALFORMED],
  ['', {}, {}],
  ['', { json: {} }, association("'member_id'")],
  ['', { json: [] }, {}],
  ['', { json: { memberships: null } }, {}],
  ['', { json: { memberships: 'x' } }, {}],
  ['', { json: { memberships: { member_id: 'x' } } }, {}],
  ['', { json: { memberships: ['x'] } }, {}],
  ['', { json: { memberships: [{}] } }, association("'member_id'")],
  ['', { json: { memberships: [{ can_share: true }] } }, association("'member_id'")],
  ['', { json: { memberships: [{ member_id: null }] } }, {}],
  ['', { json: { memberships: [{ member_id: 1 }] } }, {}],
  ['', { json: { members: [{ member_id: 'x' }] } }, association("'member_id'")],
  ['', { json: 'x' }, SCALAR],
  ['', { json: null }, SCALAR],
  ['', { body: 'not json' }, MALFORMED],
  ['', { body: '{"memberships": [' }, MALFORMED],
  ['', { body: Buffer.from([0x7b, 0xff, 0x7d]) }, MALFORMED],
];
for (const [path, request, wanted] of BAD) {
  test(`refused: members${path} with ${JSON.stringify(request)}`, async (t) => {
    const { owner, put, members } = await shared();
    await put(owner, '/there');
    checkAnswer(t, await put(owner, path, request), { status: 400, ...wanted });
    t.deepEqual(await members(owner), [{ member_id: 'there', can_share: false }]);
  });
}

test('a body of megabytes is too large, which a client learns that sends it all first', async (t) => {
  const { id } = await admin.create();
  const connection = await RawConnection.open(server.running.port);
  t.teardown(() => connection.close());
  const body = JSON.stringify({ member: {}, more: 'x'.repeat(2 ** 23) });
  connection.pause();
  await connection.send(request('PUT', `/v1/images/${id}/members/x`, { 'X-Auth-Token': ADMIN }, body));
  connection.resume();
  t.is((await connection.answer())?.status, 413);
  t.is(connection.failure, undefined);
  await connection.send(request('GET', `/v1/images/${id}/members`, { 'X-Auth-Token': ADMIN }));
  t.is(String((await connection.answer())?.body), '{"members": []}');
});

test('a PUT of all members replaces them; those who stay keep what is not named', async (t) => {
  const { owner, put, members } = await shared();
  const all = (...memberships: readonly object[]) => put(owner, '', { json: { memberships } });
  t.is((await all({ member_id: 'a', can_share: true }, { member_id: 'b' })).status, 204);
  t.is((await all({ member_id: 'a' }, { member_id: 'c', can_share: true })).status, 204);
  t.deepEqual(await members(owner), [
    { member_id: 'a', can_share: true },
    { member_id: 'c', can_share: true },
  ]);
  t.is((await all()).status, 204);
  t.deepEqual(await members(owner), []);
  t.is((await put(owner, '', { json: { member_id: 'solo' } })).status, 204);
  t.deepEqual(await members(owner), [{ member_id: 'solo', can_share: false }]);
});

test('removing one who is no member is not found', async (t) => {
  const { id, owner } = await shared();
  checkAnswer(t, await owner.send('DELETE', `/v1/images/${id}/members/nobody`), {
    status: 404,
    explains: quoted('Membership could not be found.', '404 Not Found'),
  });
});

test('who may share: the owner, an admin, and a member who was given the right', async (t) => {
  const { id, owner, friend, other, names, put, members } = await shared();
  checkAnswer(t, await put(friend, `/${names.friend}`), {
    status: 404,
    details: `Image with identifier ${id} not found`,
  });
  await put(owner, `/${names.friend}`);
  checkAnswer(t, await put(friend, '/more'), NO_RIGHT);
  checkAnswer(t, await put(friend, '', { json: { memberships: [] } }), NO_RIGHT);
  checkAnswer(t, await friend.send('DELETE', `/v1/images/${id}/members/${names.friend}`), NO_RIGHT);
  await put(owner, `/${names.friend}`, { json: { member: { can_share: true } } });
  t.is((await put(friend, `/${names.other}`)).status, 204);
  t.is(await other.statusOf(id), 'active');
  checkAnswer(t, await put(other, '/more'), NO_RIGHT);
  t.is((await put(admin, '/by-admin')).status, 204);
  t.deepEqual(await members(friend), [{ member_id: names.friend, can_share: true }]);
  t.is((await members(owner)).length, 3);
});

test('a public image may be shared by none but its owner and admins', async (t) => {
  const { id, owner, other, put } = await shared();
  await admin.send('PUT', `/v1/images/${id}`, { headers: { 'x-image-meta-is_public': 'True' } });
  checkAnswer(t, await put(other, '/more'), NO_RIGHT);
  t.is((await put(owner, '/more')).status, 204);
});

test('without a tenant there is no sharing: 401 after the image was found', async (t) => {
  const { id } = await admin.create({ 'x-image-meta-owner': '' });
  const nobody = admin.as('u:none:member');
  const refused = { status: 401, details: 'No authenticated user' };
  const path = `/v1/images/${id}/members`;
  checkAnswer(t, await nobody.send('PUT', `${path}/x`), refused);
  checkAnswer(t, await nobody.send('PUT', path, { json: { memberships: [] } }), refused);
  checkAnswer(t, await nobody.send('DELETE', `${path}/x`), refused);
  t.is((await nobody.send('PUT', `/v1/images/${randomUUID()}/members/x`)).status, 404);
});

test('shared images are those of the tenant itself, for others those in their own images', async (t) => {
  const { id, owner, friend, other, names, put } = await shared();
  await put(owner, `/${names.friend}`);
  const list = async (client: V1Client) => (await client.send('GET', `/v1/shared-images/${names.friend}`)).text;
  const one = `{"shared_images": [{"image_id": "${id}", "can_share": false}]}`;
  for (const client of [owner, friend, admin]) t.is(await list(client), one);
  t.is(await list(other), '{"shared_images": []}');
});

test('a deleted image has no members any more', async (t) => {
  const { id, owner, put, names } = await shared();
  await put(owner, `/${names.friend}`);
  await owner.send('DELETE', `/v1/images/${id}`);
  const gone = { status: 404, details: `Image with identifier ${id} has been deleted.` };
  const path = `/v1/images/${id}/members`;
  checkAnswer(t, await admin.send('GET', path), gone);
  checkAnswer(t, await admin.send('PUT', `${path}/x`), gone);
  checkAnswer(t, await admin.send('DELETE', `${path}/${names.friend}`), gone);
  checkAnswer(t, await admin.send('PUT', path, { json: { memberships: [] } }), gone);
  checkAnswer(t, await owner.send('GET', path), { status: 404, details: `Image with identifier ${id} not found` });
  t.is((await admin.send('GET', `/v1/shared-images/${names.friend}`)).text, '{"shared_images": []}');
});
