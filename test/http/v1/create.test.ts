import { createHash, randomUUID } from 'node:crypto';
import test from 'ava';
import { checkAnswer, checkRow } from '../../support/v1-answer.js';
import { FORMATS, imageOf, OCTETS } from '../../support/v1-client.js';
import { useServer } from '../../support/v1-server.js';

const server = useServer();
const BODY = { data: 'data' };
const TEXT_BODY = { 'content-type': 'text/plain' };
const TWO_SOURCES = "It's invalid to provide multiple image sources.";

interface Case {
  readonly title: string;
  readonly sent: Readonly<Record<string, string>>;
  readonly data?: string;
  readonly explains: string;
}

/** Refused after the image has been reserved: it stays queued. */
const QUEUED: readonly Case[] = [
  {
    title: 'two sources come before missing formats',
    sent: { 'x-glance-api-copy-from': 'http://host/i', 'x-image-meta-size': '4', ...TEXT_BODY },
    ...BODY,
    explains: TWO_SOURCES,
  },
  {
    title: 'location and copy-from are two sources',
    sent: {
      'x-glance-api-copy-from': 'http://host/i',
      'x-image-meta-location': 'http://host/i',
      'x-image-meta-size': '4',
    },
    explains: TWO_SOURCES,
  },
  {
    title: 'a missing disk format comes before a missing container format and a bad type',
    sent: TEXT_BODY,
    ...BODY,
    explains: 'Disk format is not specified.',
  },
  {
    title: 'a missing container format comes before a bad type',
    sent: { ...TEXT_BODY, 'x-image-meta-disk_format': 'raw' },
    ...BODY,
    explains: 'Container format is not specified.',
  },
  {
    title: 'a location needs formats, too',
    sent: { 'x-image-meta-location': 'http://host/i', 'x-image-meta-size': '4' },
    explains: 'Disk format is not specified.',
  },
];

for (const { title, sent, data, explains } of QUEUED) {
  test(`${title}; the image stays queued`, async (t) => {
    const id = randomUUID();
    const request = { headers: { 'x-image-meta-id': id, ...sent }, ...(data === undefined ? {} : { body: data }) };
    await checkRow(t, server.admin, { title, send: ['POST', '/v1/images', request], status: 400, explains });
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
