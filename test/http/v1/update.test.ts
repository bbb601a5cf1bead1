import { createHash, randomUUID } from 'node:crypto';
import test from 'ava';
import { checkAnswer, checkRow, quoted, quotedDetail, type Row } from '../../support/v1-answer.js';
import { FORMATS, imageOf, OCTETS, type V1Image, type V1Request } from '../../support/v1-client.js';
import { useServer } from '../../support/v1-server.js';

const server = useServer(
  { DEFAULT: { allow_anonymous_access: true, image_property_quota: 2, image_size_cap: 1000 } },
  {
    policy: {
      publicize_image: 'role:admin',
      modify_image: 'not role:nomodify',
      copy_from: 'not role:nocopy',
      upload_image: 'not role:noupload',
      set_image_location: 'not role:nolocation',
    },
  },
);
const OWNER = 'u:updates:member';
const ADMIN = 'u:updates:admin';
const owner = server.admin.as(OWNER);
const admin = server.admin.as(ADMIN);

const THREE = { 'x-image-meta-property-a': '1', 'x-image-meta-property-b': '2', 'x-image-meta-property-c': '3' };
const QUOTA = 'The limit has been exceeded on the number of allowed image properties. Attempted: 3, Maximum: 2';

type Given = 'queued' | 'active' | 'deleted' | 'missing';

async function given(state: Given): Promise<string> {
  if (state === 'missing') return randomUUID();
  if (state === 'queued') return (await owner.create(FORMATS)).id;
  const { id } = await owner.create({}, 'data');
  if (state === 'deleted') await owner.send('DELETE', `/v1/images/${id}`);
  return id;
}

interface Case extends Omit<Row, 'send' | 'headers' | 'body' | 'explains' | 'details'> {
  readonly state: Given;
  readonly token?: string;
  readonly sent?: V1Request['headers'];
  readonly data?: string;
  /** Texts; `ID` stands for the image's id. */
  readonly explains?: string;
  readonly details?: string;
}

/** The steps of a PUT, each before the next (image-api-v1 section 1.8). */
const CASES: readonly Case[] = [
  {
    title: 'a bad header comes before read-only access',
    state: 'missing',
    token: '',
    sent: { 'x-image-meta-bogus': 'x' },
    status: 400,
    details: 'Bad header: x-image-meta-bogus',
  },
  {
    title: 'the size cap comes before read-only access',
    state: 'missing',
    token: '',
    sent: { 'x-image-meta-size': '1001' },
    status: 400,
    explains: 'Denying attempt to upload image larger than 1000 bytes.',
  },
  {
    title: 'read-only access comes before the search for the image',
    state: 'missing',
    token: '',
    status: 403,
    details: 'Read-only access',
  },
  { title: 'modify_image comes before the search', state: 'missing', token: 'u:t:nomodify', status: 403, details: '' },
  {
    title: 'publicize_image comes before the search',
    state: 'missing',
    token: OWNER,
    sent: { 'x-image-meta-is_public': 'True' },
    status: 403,
    details: '',
  },
  {
    title: 'copy_from comes before the search',
    state: 'missing',
    token: 'u:t:nocopy',
    sent: { 'x-glance-api-copy-from': 'http://host/i' },
    status: 403,
    details: '',
  },
  {
    title: 'upload_image comes before the search',
    state: 'missing',
    token: 'u:t:noupload',
    sent: OCTETS,
    data: 'data',
    status: 403,
    details: '',
  },
  {
    title: 'a missing image comes before everything about it',
    state: 'missing',
    sent: { ...THREE, 'x-image-meta-status': 'killed' },
    status: 404,
    details: 'Image with identifier ID not found',
  },
  {
    title: 'its owner does not find a deleted image',
    state: 'deleted',
    status: 404,
    details: 'Image with identifier ID not found',
  },
  {
    title: 'a deleted image comes before forbidden fields',
    state: 'deleted',
    token: ADMIN,
    sent: { 'x-image-meta-status': 'killed' },
    status: 403,
    explains: 'Forbidden to update deleted image.',
  },
  {
    title: 'the size of an active image is not for its owner to change, which comes before its status',
    state: 'active',
    sent: { 'x-image-meta-size': '5', 'x-image-meta-status': 'killed' },
    status: 403,
    explains: "Forbidden to modify 'size' of active image.",
  },
  {
    title: 'the checksum of an active image is not for its owner to change',
    state: 'active',
    sent: { 'x-image-meta-checksum': 'c' },
    status: 403,
    explains: "Forbidden to modify 'checksum' of active image.",
  },
  {
    title: 'an emptied checksum is a changed one',
    state: 'active',
    sent: { 'x-image-meta-checksum': '' },
    status: 403,
    explains: "Forbidden to modify 'checksum' of active image.",
  },
  {
    title: 'nobody changes the status, which comes before the id',
    state: 'queued',
    token: ADMIN,
    sent: { 'x-image-meta-status': 'active', 'x-image-meta-id': 'x' },
    status: 403,
    explains: "Forbidden to modify 'status' of image.",
  },
  {
    title: 'nobody changes the id, which comes before the upload to an active image',
    state: 'active',
    token: ADMIN,
    sent: { ...OCTETS, 'x-image-meta-id': 'x' },
    data: 'data',
    status: 403,
    explains: "Forbidden to modify 'id' of image.",
  },
  {
    title: 'an upload to an active image comes before its source',
    state: 'active',
    sent: { ...OCTETS, 'x-image-meta-location': 'file:///x' },
    data: 'data',
    status: 409,
    details: 'Cannot upload to an unqueued image',
  },
  {
    title: 'set_image_location comes before the form of the location',
    state: 'queued',
    token: 'u:updates:nolocation',
    sent: { 'x-image-meta-location': '' },
    status: 403,
    details: '',
  },
  {
    title: 'the form of a source comes before the status of the image',
    state: 'active',
    sent: { 'x-glance-api-copy-from': 'file:///x' },
    status: 400,
    explains: "External sources are not supported: 'file:///x'",
  },
  {
    title: 'a location for an active image comes before the quota',
    state: 'active',
    sent: { ...THREE, 'x-image-meta-location': 'http://host/i', 'x-image-meta-size': '4' },
    status: 400,
    explains: 'Attempted to update Location field for an image not in queued status.',
  },
  { title: 'too many properties', state: 'active', sent: THREE, status: 413, explains: QUOTA },
  {
    title: 'a value out of range',
    state: 'active',
    sent: { 'x-image-meta-min_ram': '2147483648' },
    status: 400,
    explains: `Failed to update image metadata. Got error: ${quotedDetail(
      "Failed to update image metadata. Got error: 'min_ram' value out of range, must not exceed 2147483647.",
    )}`,
  },
  {
    title: 'two sources come before a bad type of the body; the image stays queued',
    state: 'queued',
    sent: { 'content-type': 'text/plain', 'x-glance-api-copy-from': 'http://host/i', 'x-image-meta-size': '4' },
    data: 'data',
    status: 400,
    explains: "It's invalid to provide multiple image sources.",
  },
  {
    title: 'a store of no use; the image stays queued',
    state: 'queued',
    sent: { ...OCTETS, 'x-image-meta-store': 'bogus' },
    data: 'data',
    status: 400,
    explains: 'Store for scheme bogus not found',
  },
];

for (const { title, state, token = OWNER, sent = {}, data, explains, details, ...wanted } of CASES) {
  test(title, async (t) => {
    const id = await given(state);
    const request = { headers: sent, ...(data === undefined ? {} : { body: data }) };
    const texts = {
      ...(explains === undefined ? {} : { explains: explains.replace('ID', id) }),
      ...(details === undefined ? {} : { details: details.replace('ID', id) }),
    };
    const client = server.admin.as(token === '' ? undefined : token);
    await checkRow(t, client, { title, send: ['PUT', `/v1/images/${id}`, request], ...wanted, ...texts });
    t.is(await admin.statusOf(id), state === 'missing' ? 404 : state);
  });
}

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
  checkAnswer(t, await put(id, { ...merge, 'x-image-meta-property-c': '1' }), { status: 413, explains: QUOTA });
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
