import { createHash, randomUUID } from 'node:crypto';
import test from 'ava';
import { checkAnswer, checkRow, quoted, quotedDetail, type Row } from '../../support/v1-answer.js';
import { FORMATS, imageOf, OCTETS, type V1Request } from '../../support/v1-client.js';
import { ADMIN, allImages, useServer } from '../../support/v1-server.js';

const server = useServer(
  { DEFAULT: { allow_anonymous_access: true, image_property_quota: 2, image_size_cap: 1000 } },
  {
    policy: {
      publicize_image: 'role:admin',
      add_image: 'not role:noadd',
      copy_from: 'not role:nocopy',
      upload_image: 'not role:noupload',
      set_image_location: 'not role:nolocation',
    },
  },
);

/** Headers that are wrong in one step of a POST each, in the order in which the steps are taken (image-api-v1 section 1.7). */
const WRONG = {
  header: { 'x-image-meta-bogus': 'x' },
  integer: { 'x-image-meta-min_ram': 'x' },
  disk: { 'x-image-meta-disk_format': 'floppy' },
  container: { 'x-image-meta-container_format': 'box' },
  name: { 'x-image-meta-name': 'n'.repeat(256) },
  mix: { 'x-image-meta-disk_format': 'ami', 'x-image-meta-container_format': 'bare' },
  checksum: { 'x-image-meta-checksum': 'c'.repeat(33) },
  cap: { 'x-image-meta-size': '1001' },
  quota: { 'x-image-meta-property-a': '1', 'x-image-meta-property-b': '2', 'x-image-meta-property-c': '3' },
  source: { 'x-image-meta-location': 'file:///etc/passwd' },
  store: { 'x-image-meta-store': 'bogus' },
  location: { 'x-image-meta-location': 'HTTP://host/image' },
  id: { 'x-image-meta-id': 'not-a-uuid' },
  range: { 'x-image-meta-min_disk': '2147483648' },
  type: { 'content-type': 'text/plain' },
};
const BODY = { data: 'data' };
const TEXT = {
  disk: "Invalid disk format 'floppy' for image.",
  mix:
    'Invalid mix of disk and container formats. When setting a disk or container format to one of ' +
    "'aki', 'ari', or 'ami', the container and disk formats must match.",
  quota: 'The limit has been exceeded on the number of allowed image properties. Attempted: 3, Maximum: 2',
  store: 'Required store bogus is invalid',
  id: `Failed to reserve image. Got error: ${quoted('Invalid image id format')}`,
  sources: "It's invalid to provide multiple image sources.",
};

interface Case extends Omit<Row, 'send' | 'headers' | 'body'> {
  readonly token?: string;
  readonly sent: V1Request['headers'];
  readonly data?: Buffer | string;
}

const CASES: readonly Case[] = [
  {
    title: 'an unknown header comes before a bad integer',
    sent: { ...WRONG.integer, ...WRONG.header },
    status: 400,
    details: 'Bad header: x-image-meta-bogus',
  },
  {
    title: 'a bad integer comes before a bad format',
    sent: { ...WRONG.disk, ...WRONG.integer },
    status: 400,
    explains: "Invalid value 'x' for parameter 'min_ram': Cannot convert image min_ram 'x' to an integer.",
  },
  {
    title: 'a bad disk format comes before a bad container format',
    sent: { ...WRONG.container, ...WRONG.disk },
    status: 400,
    explains: TEXT.disk,
  },
  {
    title: 'a bad container format comes before a long name',
    sent: { ...WRONG.name, ...WRONG.container },
    status: 400,
    explains: "Invalid container format 'box' for image.",
  },
  {
    title: 'a long name comes before a bad mix of formats',
    sent: { ...WRONG.mix, ...WRONG.name },
    status: 400,
    explains: 'Image name too long: 256',
  },
  {
    title: 'a bad mix of formats comes before a long checksum',
    sent: { ...WRONG.checksum, ...WRONG.mix },
    status: 400,
    explains: TEXT.mix,
  },
  {
    title: 'a long checksum comes before the size cap',
    sent: { ...WRONG.cap, ...WRONG.checksum },
    status: 400,
    explains: `Invalid checksum '${'c'.repeat(33)}': can't exceed 32 characters`,
  },
  {
    title: 'the size cap comes before read-only access',
    token: '',
    sent: WRONG.cap,
    status: 400,
    explains: 'Denying attempt to upload image larger than 1000 bytes.',
  },
  {
    title: 'the length of the body counts for the cap before the size header does',
    sent: { ...FORMATS, ...OCTETS, 'x-image-meta-size': '5' },
    data: Buffer.alloc(1001),
    status: 400,
    explains: 'Denying attempt to upload image larger than 1000 bytes.',
  },
  {
    title: 'read-only access comes before policies',
    token: '',
    sent: { ...WRONG.quota, 'x-image-meta-is_public': 'True' },
    status: 403,
    details: 'Read-only access',
  },
  { title: 'add_image comes before the quota', token: 'u:t:noadd', sent: WRONG.quota, status: 403, details: '' },
  {
    title: 'publicize_image comes before the quota',
    token: 'u:t:member',
    sent: { ...WRONG.quota, 'x-image-meta-is_public': 'True' },
    status: 403,
    details: '',
  },
  {
    title: 'copy_from comes before the quota',
    token: 'u:t:nocopy',
    sent: { ...WRONG.quota, 'x-glance-api-copy-from': 'http://host/image' },
    status: 403,
    details: '',
  },
  {
    title: 'copy_from is not asked for an empty source',
    token: 'u:t:nocopy',
    sent: { 'x-glance-api-copy-from': '' },
    status: 400,
    explains: 'External source should not be empty',
  },
  {
    title: 'upload_image comes before the quota',
    token: 'u:t:noupload',
    sent: { ...WRONG.quota, ...FORMATS, ...OCTETS },
    ...BODY,
    status: 403,
    details: '',
  },
  {
    title: 'upload_image is asked for a copy, too',
    token: 'u:t:noupload',
    sent: { 'x-glance-api-copy-from': 'http://host/image' },
    status: 403,
    details: '',
  },
  {
    title: 'the property quota comes before the source',
    sent: { ...WRONG.quota, ...WRONG.source },
    status: 413,
    explains: TEXT.quota,
  },
  {
    title: 'set_image_location comes before the form of the location',
    token: 'u:t:nolocation',
    sent: { 'x-image-meta-location': '' },
    status: 403,
    details: '',
  },
  {
    title: 'a source of no use comes before a store of no use',
    sent: { ...WRONG.source, ...WRONG.store },
    status: 400,
    explains: "External sources are not supported: 'file:///etc/passwd'",
  },
  {
    title: 'a store of no use comes before a bad location',
    sent: { ...WRONG.location, ...WRONG.store },
    status: 400,
    explains: TEXT.store,
  },
  {
    title: 'a bad location comes before a bad id',
    sent: { ...WRONG.location, ...WRONG.id },
    status: 400,
    explains: 'Invalid location HTTP://host/image',
  },
  {
    title: 'a bad id comes before a value out of range',
    sent: { ...WRONG.range, ...WRONG.id },
    status: 400,
    explains: TEXT.id,
  },
  {
    title: 'a value out of range comes before two sources',
    sent: { ...WRONG.range, 'x-glance-api-copy-from': 'http://host/i', 'x-image-meta-size': '4' },
    ...BODY,
    status: 400,
    explains: `Failed to reserve image. Got error: ${quotedDetail(
      "Failed to add image metadata. Got error: 'min_disk' value out of range, must not exceed 2147483647.",
    )}`,
  },
  {
    title: 'a bad id comes before two sources',
    sent: { ...WRONG.id, 'x-glance-api-copy-from': 'http://host/i', 'x-image-meta-size': '4' },
    ...BODY,
    status: 400,
    explains: TEXT.id,
  },
];

for (const { title, token = ADMIN, sent, data, ...wanted } of CASES) {
  test(title, async (t) => {
    const name = `create ${randomUUID()}`;
    const request = { headers: { 'x-image-meta-name': name, ...sent }, ...(data === undefined ? {} : { body: data }) };
    const client = server.admin.as(token === '' ? undefined : token);
    await checkRow(t, client, { title, send: ['POST', '/v1/images', request], ...wanted });
    t.false((await allImages(server.admin)).some((image) => image.name === name));
  });
}

/** Refused after the image has been reserved: it stays queued. */
const QUEUED: readonly Case[] = [
  {
    title: 'two sources come before missing formats',
    sent: { 'x-glance-api-copy-from': 'http://host/i', 'x-image-meta-size': '4', ...WRONG.type },
    ...BODY,
    status: 400,
    explains: TEXT.sources,
  },
  {
    title: 'location and copy-from are two sources',
    sent: {
      'x-glance-api-copy-from': 'http://host/i',
      'x-image-meta-location': 'http://host/i',
      'x-image-meta-size': '4',
    },
    status: 400,
    explains: TEXT.sources,
  },
  {
    title: 'a missing disk format comes before a missing container format and a bad type',
    sent: WRONG.type,
    ...BODY,
    status: 400,
    explains: 'Disk format is not specified.',
  },
  {
    title: 'a missing container format comes before a bad type',
    sent: { ...WRONG.type, 'x-image-meta-disk_format': 'raw' },
    ...BODY,
    status: 400,
    explains: 'Container format is not specified.',
  },
  {
    title: 'a location needs formats, too',
    sent: { 'x-image-meta-location': 'http://host/i', 'x-image-meta-size': '4' },
    status: 400,
    explains: 'Disk format is not specified.',
  },
];

for (const { title, sent, data, ...wanted } of QUEUED) {
  test(`${title}; the image stays queued`, async (t) => {
    const id = randomUUID();
    const request = { headers: { 'x-image-meta-id': id, ...sent }, ...(data === undefined ? {} : { body: data }) };
    await checkRow(t, server.admin, { title, send: ['POST', '/v1/images', request], ...wanted });
    t.is(await server.admin.statusOf(id), 'queued');
  });
}

test('an id is taken once, for deleted images too', async (t) => {
  const id = randomUUID();
  const taken = { status: 409, explains: `An image with identifier ${id} already exists` };
  const again = () => server.admin.send('POST', '/v1/images', { headers: { 'x-image-meta-id': id } });
  t.is((await again()).status, 201);
  checkAnswer(t, await again(), taken);
  t.is((await server.admin.send('DELETE', `/v1/images/${id}`)).status, 200);
  checkAnswer(t, await again(), taken);
});

test('the answer to a POST: 201, an absolute Location, the ETag, and the whole image', async (t) => {
  const headers = { ...FORMATS, ...OCTETS, 'x-image-meta-name': 'whole', 'x-image-meta-property-Some-Key': 'v' };
  const answer = await server.admin.as('u:whole:member').send('POST', '/v1/images', { headers, body: 'data' });
  const checksum = createHash('md5').update('data').digest('hex');
  const { id, created_at, updated_at, ...rest } = imageOf(answer);
  checkAnswer(t, answer, {
    status: 201,
    headers: {
      location: `http://127.0.0.1:${server.running.port}/v1/images/${id}`,
      etag: checksum,
      'content-type': 'application/json',
      'x-image-meta-id': undefined,
    },
  });
  for (const time of [created_at, updated_at]) t.regex(time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}$/);
  t.deepEqual<object, object>(rest, {
    name: 'whole',
    status: 'active',
    size: 4,
    virtual_size: null,
    disk_format: 'raw',
    container_format: 'bare',
    checksum,
    min_disk: 0,
    min_ram: 0,
    is_public: false,
    protected: false,
    owner: 'whole',
    deleted: false,
    deleted_at: null,
    properties: { some_key: 'v' },
  });
});

test('a reserved image has no ETag, whatever status it claims', async (t) => {
  const headers = { 'x-image-meta-status': 'active' };
  const answer = await server.admin.send('POST', '/v1/images', { headers });
  checkAnswer(t, answer, {
    status: 201,
    headers: { etag: undefined },
    image: { status: 'queued', size: 0, name: null },
  });
});

test('a size of 0 makes an active image without data', async (t) => {
  const answer = await server.admin.send('POST', '/v1/images', { headers: { 'x-image-meta-size': '0' } });
  checkAnswer(t, answer, { status: 201, image: { status: 'active', size: 0 } });
  const download = await server.admin.send('GET', `/v1/images/${imageOf(answer).id}`);
  checkAnswer(t, download, { status: 200, body: '', headers: { 'content-length': '0' } });
});
