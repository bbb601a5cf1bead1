import { createHash } from 'node:crypto';
import test from 'ava';
import { checkAnswer, quoted } from '../../support/v1-answer.js';
import { FORMATS, imageOf, OCTETS, type V1Image, type V1Request } from '../../support/v1-client.js';
import { useServer } from '../../support/v1-server.js';

const server = useServer({ DEFAULT: { image_property_quota: 2 } });
const owner = server.admin.as('u:updates:member');
const admin = server.admin.as('u:updates:admin');

const put = async (id: string, headers: V1Request['headers'] = {}, body?: string) =>
  admin.send('PUT', `/v1/images/${id}`, { headers, ...(body === undefined ? {} : { body }) });

/** Properties after a PUT on an image that has `a` and `b`. */
const PURGES: readonly [
  title: string,
  headers: Record<string, string>,
  after: Record<string, string>,
  data?: string,
][] = [
  ['replaces all properties by default', { 'x-image-meta-property-a': '2' }, { a: '2' }],
  ['with nothing at all drops them all', {}, {}],
  ['with purge-props true replaces them', { 'x-glance-registry-purge-props': 'true' }, {}],
  [
    'with purge-props false merges them',
    { 'x-glance-registry-purge-props': 'false', 'x-image-meta-property-a': '2' },
    { a: '2', b: '1' },
  ],
  [
    'with any other purge-props merges them, too',
    { 'x-glance-registry-purge-props': 'maybe', 'x-image-meta-property-b': '2' },
    { a: '1', b: '2' },
  ],
  [
    'with data never purges',
    { ...OCTETS, 'x-glance-registry-purge-props': 'true', 'x-image-meta-property-a': '2' },
    { a: '2', b: '1' },
    'data',
  ],
];
for (const [title, headers, after, data] of PURGES) {
  test(`a PUT ${title}`, async (t) => {
    const two = { 'x-image-meta-property-a': '1', 'x-image-meta-property-b': '1' };
    const { id } = await admin.create({ ...FORMATS, ...two });
    checkAnswer(t, await put(id, headers, data), { status: 200, image: { properties: after } });
  });
}

test('merged properties count for the quota together', async (t) => {
  const { id } = await admin.create({ 'x-image-meta-property-a': '1', 'x-image-meta-property-b': '1' });
  const merge = { 'x-glance-registry-purge-props': 'false' };
  checkAnswer(t, await put(id, { ...merge, 'x-image-meta-property-c': '1' }), {
    status: 413,
    explains: 'The limit has been exceeded on the number of allowed image properties. Attempted: 3, Maximum: 2',
  });
  t.is((await put(id, { ...merge, 'x-image-meta-property-b': '2' })).status, 200);
});

test('an empty PUT is a touch: nothing but updated_at changes, and what is absent stays', async (t) => {
  const before = await admin.create({ ...FORMATS, 'x-image-meta-name': 'touched', 'x-image-meta-is_public': 'True' });
  const answer = await put(before.id);
  const after: V1Image = imageOf(answer);
  t.true(after.updated_at > before.updated_at);
  t.deepEqual(after, { ...before, updated_at: after.updated_at });
  checkAnswer(t, answer, {
    status: 200,
    headers: { location: undefined, etag: undefined, 'x-image-meta-id': undefined },
  });
});

test('an upload by PUT answers with the active image and its ETag', async (t) => {
  const { id } = await owner.create();
  const answer = await owner.send('PUT', `/v1/images/${id}`, { headers: { ...FORMATS, ...OCTETS }, body: 'data' });
  const checksum = createHash('md5').update('data').digest('hex');
  checkAnswer(t, answer, { status: 200, headers: { etag: checksum }, image: { status: 'active', size: 4, checksum } });
});

test('an admin may change size and checksum of an active image; naming what is there is free to all', async (t) => {
  const { id, checksum } = await owner.create({}, 'data');
  const same = { 'x-image-meta-size': '4', 'x-image-meta-checksum': checksum ?? '', 'x-image-meta-status': 'active' };
  const again = { headers: { ...same, 'x-image-meta-id': id } };
  t.is((await owner.send('PUT', `/v1/images/${id}`, again)).status, 200);
  const changed = await put(id, { 'x-image-meta-checksum': 'c'.repeat(32) });
  checkAnswer(t, changed, { status: 200, headers: { etag: 'c'.repeat(32) } });
});

test('whose image it is: a public one of another tenant is forbidden, any other is not found', async (t) => {
  const stranger = server.admin.as('u:strangers:member');
  const rename = { headers: { 'x-image-meta-name': 'stolen' } };
  const open = await admin.create({ 'x-image-meta-is_public': 'True' });
  checkAnswer(t, await stranger.send('PUT', `/v1/images/${open.id}`, rename), {
    status: 403,
    explains: `Forbidden to update image: ${quoted('Access was denied to this resource.', '403 Forbidden')}`,
  });
  const shared = await admin.create();
  await admin.send('PUT', `/v1/images/${shared.id}/members/strangers`);
  t.is((await stranger.send('PUT', `/v1/images/${shared.id}`, rename)).status, 404);
  const nobodys = await admin.create({ 'x-image-meta-owner': '' });
  t.is((await stranger.send('PUT', `/v1/images/${nobodys.id}`, rename)).status, 404);
});
