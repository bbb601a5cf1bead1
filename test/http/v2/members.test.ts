import { randomUUID } from 'node:crypto';
import test, { type ExecutionContext } from 'ava';
import type { V1Answer } from '../../support/v1-client.js';
import { type V2Client, verdict } from '../../support/v2-client.js';
import { useV2Server } from '../../support/v2-server.js';

const { admin, member } = useV2Server({ DEFAULT: { image_member_quota: 2 } });

interface Shared {
  readonly id: string;
  readonly path: string;
  /** The owner, someone it may share with, someone who has nothing to do with it. */
  readonly owner: V2Client;
  readonly friend: V2Client;
  readonly other: V2Client;
  readonly friendId: string;
  add(name: string, client?: V2Client): Promise<V1Answer>;
  answer(status: unknown, client?: V2Client): Promise<V1Answer>;
}

async function shared(visibility = 'shared'): Promise<Shared> {
  const friendId = `p-${randomUUID()}`;
  const owner = member();
  const { id } = await owner.create({ visibility });
  const path = `/v2/images/${id}/members`;
  const friend = member(friendId);
  return {
    id,
    path,
    owner,
    friend,
    other: member(),
    friendId,
    add: (name, client = owner) => client.send('POST', path, { json: { member: name } }),
    answer: (status, client = friend) => client.send('PUT', `${path}/${friendId}`, { json: { status } }),
  };
}

interface Shown {
  readonly member_id: string;
  readonly status: string;
}

function membersOf(t: ExecutionContext, answer: V1Answer): readonly Shown[] {
  const { members, schema }: { members: Shown[]; schema: string } = JSON.parse(answer.text);
  t.is(schema, '/v2/schemas/members');
  return members;
}

test('a member is added, shown, asked, and removed', async (t) => {
  const { id, path, owner, friendId, add, answer } = await shared();
  const added = await add(friendId);
  t.is(added.status, 200);
  const shown: Record<string, unknown> = JSON.parse(added.text);
  t.deepEqual(Object.keys(shown), ['member_id', 'image_id', 'status', 'created_at', 'updated_at', 'schema']);
  t.like(shown, { member_id: friendId, image_id: id, status: 'pending', schema: '/v2/schemas/member' });
  t.regex(String(shown.created_at), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  t.is((await owner.get(`${path}/${friendId}`)).text, added.text);
  for (const status of ['accepted', 'rejected', 'pending', 'accepted']) {
    const answered: Shown = JSON.parse((await answer(status)).text);
    t.is(answered.status, status);
  }
  const removed = await owner.send('DELETE', `${path}/${friendId}`);
  t.deepEqual([removed.status, removed.text, removed.headers['content-type']], [204, '', undefined]);
  t.deepEqual(membersOf(t, await owner.get(path)), []);
});

test('members are listed in their order, but a member sees only itself', async (t) => {
  const { path, owner, friend, other, friendId, add } = await shared();
  await add('z');
  await add(friendId);
  const names = async (client: V2Client) => membersOf(t, await client.get(path)).map(({ member_id }) => member_id);
  t.deepEqual(await names(owner), ['z', friendId]);
  t.deepEqual(await names(admin), ['z', friendId]);
  t.deepEqual(await names(friend), [friendId]);
  t.is((await friend.get(`${path}/z`)).status, 404);
  t.is((await other.get(path)).status, 404);
});

test('whatever a member answers, it may look at the image', async (t) => {
  const { id, friend, friendId, add, answer } = await shared();
  t.is((await friend.get(`/v2/images/${id}`)).status, 404);
  await add(friendId);
  for (const status of ['pending', 'rejected', 'accepted']) {
    await answer(status);
    t.is((await friend.get(`/v2/images/${id}`)).status, 200, status);
    t.is((await friend.get(`/v2/images/${id}/file`)).status, 204, status);
    t.is((await friend.patch(id, [{ op: 'replace', path: '/name', value: 'x' }])).status, 403, status);
    t.is((await friend.send('DELETE', `/v2/images/${id}`)).status, 403, status);
  }
});

const FORM = (name: string, value: string) => `400 Expected a ${name} in the form: {"${name}": "${value}"}`;

/** Bodies of a new member. */
const NEW: readonly (readonly [body: unknown, answer: string])[] = [
  [{}, '400 Member to be added not specified'],
  [{ members: 'x' }, '400 Member to be added not specified'],
  [{ member: '' }, "400 Member can't be empty"],
  [{ member: null }, "400 Member can't be empty"],
  [[], FORM('member', 'image_id')],
  [{ member: 5 }, FORM('member', 'image_id')],
  [{ member: ['x'] }, FORM('member', 'image_id')],
  [{ member: 'x'.repeat(256) }, FORM('member', 'image_id')],
];
for (const [body, answer] of NEW) {
  test(`${JSON.stringify(body).slice(0, 40)} makes no member`, async (t) => {
    const { path, owner } = await shared();
    t.is(verdict(await owner.send('POST', path, { json: body })), answer);
    t.deepEqual(membersOf(t, await owner.get(path)), []);
  });
}

const WHICH = '400 Incorrect request: Status must be "pending", "accepted" or "rejected".';

/** Bodies of a member's answer. */
const ANSWERS: readonly (readonly [body: unknown, answer: string])[] = [
  [{}, '400 Status not specified'],
  [{ status: 'maybe' }, WHICH],
  [{ status: 'Accepted' }, WHICH],
  [{ status: null }, WHICH],
  [{ status: 5 }, WHICH],
  [[], FORM('status', 'status')],
];
for (const [body, answer] of ANSWERS) {
  test(`${JSON.stringify(body)} is no answer of a member`, async (t) => {
    const { path, owner, friend, friendId, add } = await shared();
    await add(friendId);
    t.is(verdict(await friend.send('PUT', `${path}/${friendId}`, { json: body })), answer);
    t.is(membersOf(t, await owner.get(path))[0]?.status, 'pending');
  });
}

test('a member answers for itself; the owner never does, an administrator may', async (t) => {
  const { path, owner, other, friendId, add, answer } = await shared();
  await add(friendId);
  const otherId = `p-${randomUUID()}`;
  await add(otherId);
  const refused = '403 You are not authorized to complete modify_member action.';
  t.is(verdict(await answer('accepted', owner)), refused);
  t.is((await answer('accepted', other)).status, 404);
  t.is((await answer('accepted', member(otherId))).status, 404);
  t.is((await answer('accepted', admin)).status, 200);
  t.is(
    verdict(await admin.send('PUT', `${path}/nobody`, { json: { status: 'accepted' } })),
    `404 nobody not found in the member list of the image ${path.split('/')[3]}.`,
  );
});

test('who may not answer is not told which answers there are', async (t) => {
  const { id, path, owner, friendId, add, answer } = await shared();
  const none = `404 nobody not found in the member list of the image ${id}.`;
  t.is(verdict(await owner.send('PUT', `${path}/nobody`, { json: { status: 'maybe' } })), none);
  await add(friendId);
  for (const status of ['maybe', null, 5]) {
    t.is(verdict(await answer(status, owner)), '403 You are not authorized to complete modify_member action.');
    t.is(verdict(await answer(status, member())), `404 Image ${id} not found.`);
  }
  t.is(verdict(await answer(undefined, owner)), '400 Status not specified');
});

test('only the owner adds and removes', async (t) => {
  const { id, path, friend, other, owner, friendId, add } = await shared();
  await add(friendId);
  t.is(verdict(await add('x', friend)), '403 You are not authorized to complete add_member action.');
  t.is(verdict(await add('x', other)), `404 Image ${id} not found.`);
  t.is(
    verdict(await friend.send('DELETE', `${path}/${friendId}`)),
    '403 You are not authorized to complete delete_member action.',
  );
  t.is((await other.send('DELETE', `${path}/${friendId}`)).status, 404);
  t.is(
    verdict(await owner.send('DELETE', `${path}/nobody`)),
    `404 nobody not found in the member list of the image ${id}.`,
  );
  t.is((await add('x', admin)).status, 200);
});

test('twice is a conflict, one too many is refused, one fewer makes room', async (t) => {
  const { id, path, owner, add } = await shared();
  await add('a');
  t.is(verdict(await add('a')), `409 Member a is duplicated for image ${id}`);
  await add('b');
  t.is(
    verdict(await add('c')),
    `413 Image member limit exceeded for image ${id}: The limit has been exceeded on the number of allowed image members ` +
      'for this image. Attempted: 3, Maximum: 2:',
  );
  await owner.expect(204, 'DELETE', `${path}/a`);
  t.is((await add('c')).status, 200);
});

for (const visibility of ['private', 'community', 'public']) {
  test(`a ${visibility} image has no members`, async (t) => {
    const { id, path, owner, friendId, add, answer } = await shared();
    await add(friendId);
    await answer('accepted');
    await admin.patch(id, [{ op: 'replace', path: '/visibility', value: visibility }]);
    const not = (verb: string) => `403 Not allowed to ${verb} members for image ${id}`;
    t.is(verdict(await owner.get(path)), `${not('list')}: Only shared images have members.`);
    t.is(verdict(await add('x')), `${not('create')}.`);
    t.is(verdict(await owner.get(`${path}/${friendId}`)), '404 Only shared images have members.');
    t.is(verdict(await owner.send('DELETE', `${path}/${friendId}`)), `${not('delete')}.`);
    t.is(verdict(await answer('rejected', admin)), `${not('update')}.`);
    // What was agreed waits until the image is shared again.
    await admin.patch(id, [{ op: 'replace', path: '/visibility', value: 'shared' }]);
    t.is(membersOf(t, await owner.get(path))[0]?.status, 'accepted');
  });
}

test('where there is no image there is no member', async (t) => {
  const id = randomUUID();
  const path = `/v2/images/${id}/members`;
  const gone = `404 Image ${id} not found.`;
  t.is(verdict(await admin.get(path)), gone);
  t.is(verdict(await admin.get(`${path}/m`)), gone);
  t.is(verdict(await admin.send('POST', path, { json: { member: 'm' } })), gone);
  t.is(verdict(await admin.send('PUT', `${path}/m`, { json: { status: 'accepted' } })), gone);
  t.is(verdict(await admin.send('DELETE', `${path}/m`)), gone);
});
