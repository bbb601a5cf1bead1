import { randomUUID } from 'node:crypto';
import test from 'ava';
import { checkAnswer, checkRow } from '../../support/v1-answer.js';
import { FORMATS, imagesOf, OCTETS, type V1Client, type V1Request } from '../../support/v1-client.js';
import { useServer } from '../../support/v1-server.js';

const QUOTA = 100;
const server = useServer({
  DEFAULT: { user_storage_quota: `${QUOTA}B`, image_property_quota: -1, image_member_quota: 2 },
});
const { admin } = server;

/** A tenant that nobody else uses. */
function tenant(): V1Client {
  return admin.as(`u:${randomUUID()}:member`);
}

const bytes = (size: number) => Buffer.alloc(size, 'x');
const data = (body: V1Request): V1Request => ({ ...body, headers: { ...FORMATS, ...OCTETS, ...body.headers } });
const full = (size: number, left: number): string =>
  'Denying attempt to upload image because it exceeds the quota: ' +
  `The size of the data ${size} will exceed the limit. ${left} bytes remaining.`;

test('an owner may store as much as the quota, and no byte more', async (t) => {
  const owner = tenant();
  await owner.create({}, bytes(60));
  await checkRow(t, owner, {
    title: 'one byte too many',
    send: ['POST', '/v1/images', data({ body: bytes(41) })],
    status: 413,
    explains: full(41, 40),
  });
  await owner.create({}, bytes(40));
  t.is((await owner.send('POST', '/v1/images', data({ body: 'x' }))).status, 413);
});

test('a body of unknown length is stopped at the quota', async (t) => {
  const owner = tenant();
  const answer = await owner.send('POST', '/v1/images', data({ chunks: [bytes(QUOTA), bytes(1)] }));
  t.is(answer.status, 413, answer.text);
  t.is((await owner.send('POST', '/v1/images', data({ chunks: [bytes(QUOTA / 2), bytes(QUOTA / 2)] }))).status, 201);
});

test('a refused upload kills its image, and leaves neither bytes nor a reservation', async (t) => {
  const owner = tenant();
  for (const body of [{ body: bytes(QUOTA + 1) }, { chunks: [bytes(QUOTA + 1)] }]) {
    const id = randomUUID();
    t.is((await owner.send('POST', '/v1/images', data({ ...body, headers: { 'x-image-meta-id': id } }))).status, 413);
    t.is(await owner.statusOf(id), 'killed');
    t.false(server.running.storedFiles().some((name) => name.includes(id)));
  }
  await owner.create({}, bytes(QUOTA));
});

test('a deleted image gives its bytes back, and an owner does not pay for another', async (t) => {
  const owner = tenant();
  const { id } = await owner.create({}, bytes(QUOTA));
  await tenant().create({}, bytes(QUOTA));
  t.is((await owner.send('POST', '/v1/images', data({ body: 'x' }))).status, 413);
  t.is((await owner.send('DELETE', `/v1/images/${id}`)).status, 200);
  await t.notThrowsAsync(owner.create({}, bytes(QUOTA)));
});

test('uploads side by side cannot pass the quota together', async (t) => {
  const owner = tenant();
  const bodies: V1Request[] = Array.from({ length: 8 }, (_, index) =>
    index % 2 === 0 ? { body: bytes(30) } : { chunks: [bytes(15), bytes(15)] },
  );
  const answers = await Promise.all(bodies.map((body) => owner.send('POST', '/v1/images', data(body))));
  t.deepEqual([...new Set(answers.map(({ status }) => status))].sort(), [201, 413]);
  const stored = imagesOf(await owner.send('GET', '/v1/images/detail?status=active'));
  t.true(stored.length > 0 && stored.length <= 3, `${stored.length} images`);
  t.is(stored.length, answers.filter(({ status }) => status === 201).length);
});

test('a negative quota of properties is none', async (t) => {
  const names = Array.from({ length: 200 }, (_, index) => [`x-image-meta-property-p${index}`, 'v']);
  const { properties } = await admin.create(Object.fromEntries(names));
  t.is(Object.keys(properties).length, 200);
});

test('the quota of members counts a member who is there already', async (t) => {
  const { id } = await admin.create();
  const put = (path: string, json?: unknown) =>
    admin.send('PUT', `/v1/images/${id}/members${path}`, json === undefined ? {} : { json });
  const refused = {
    status: 413,
    explains:
      'The limit has been exceeded on the number of allowed image members for this image. Attempted: 3, Maximum: 2',
  };
  t.is((await put('/one')).status, 204);
  t.is((await put('/two')).status, 204);
  checkAnswer(t, await put('/three'), refused);
  checkAnswer(t, await put('/one'), refused);
  const memberships = (names: readonly string[]) => ({ memberships: names.map((name) => ({ member_id: name })) });
  checkAnswer(t, await put('', memberships(['a', 'b', 'c'])), refused);
  t.is((await put('', memberships(['a', 'b']))).status, 204);
});
