import { createHash, randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { checkAnswer, checkRow, type Row } from '../../support/v1-answer.js';
import { FORMATS, OCTETS, type V1Client } from '../../support/v1-client.js';
import { useServer } from '../../support/v1-server.js';

const server = useServer();
const { admin } = server;
const owner = admin.as('u:shows:member');
const stranger = admin.as('u:strangers:member');
const CHECKSUM = createHash('md5').update('0123456789').digest('hex');

const META = {
  'x-image-meta-name': 'shown',
  'x-image-meta-min_disk': '1',
  'x-image-meta-min_ram': '2',
  'x-image-meta-virtual_size': '30',
  'x-image-meta-protected': 'True',
  'x-image-meta-property-Kernel-Id': 'abc',
  'x-image-meta-property-empty': '',
};

/** What both HEAD and GET say of an active image; times are looked at apart. */
async function checkMeta(t: Parameters<typeof checkAnswer>[0], method: 'HEAD' | 'GET'): Promise<void> {
  const image = await owner.create(META, '0123456789');
  const answer = await owner.send(method, `/v1/images/${image.id}`);
  const fields = Object.entries(answer.headers).filter(([name]) => name.startsWith('x-image-meta-'));
  t.is(answer.status, 200);
  t.deepEqual(Object.fromEntries(fields), {
    'x-image-meta-id': image.id,
    'x-image-meta-name': 'shown',
    'x-image-meta-status': 'active',
    'x-image-meta-size': '10',
    'x-image-meta-virtual_size': '30',
    'x-image-meta-disk_format': 'raw',
    'x-image-meta-container_format': 'bare',
    'x-image-meta-checksum': CHECKSUM,
    'x-image-meta-min_disk': '1',
    'x-image-meta-min_ram': '2',
    'x-image-meta-is_public': 'False',
    'x-image-meta-protected': 'True',
    'x-image-meta-owner': 'shows',
    'x-image-meta-created_at': image.created_at,
    'x-image-meta-updated_at': image.updated_at,
    'x-image-meta-deleted': 'False',
    'x-image-meta-property-kernel_id': 'abc',
  });
  const data = method === 'GET';
  checkAnswer(t, answer, {
    status: 200,
    body: data ? '0123456789' : '',
    headers: {
      etag: CHECKSUM,
      location: undefined,
      'content-length': data ? '10' : '0',
      'content-type': data ? 'application/octet-stream' : 'text/html; charset=UTF-8',
      'content-md5': undefined,
      'accept-ranges': undefined,
    },
  });
}

test('HEAD: every field that is set, as headers; the length is that of the empty body', (t) => checkMeta(t, 'HEAD'));
test('GET: the same headers, and the bytes', (t) => checkMeta(t, 'GET'));

test('what is null is no header, and without a checksum there is no ETag', async (t) => {
  const { id } = await admin.create();
  const { headers } = await admin.send('HEAD', `/v1/images/${id}`);
  t.deepEqual(
    Object.keys(headers)
      .filter((name) => name.startsWith('x-image-meta-'))
      .sort(),
    [
      'created_at',
      'deleted',
      'id',
      'is_public',
      'min_disk',
      'min_ram',
      'protected',
      'size',
      'status',
      'updated_at',
    ].map((field) => `x-image-meta-${field}`),
  );
  t.is(headers.etag, undefined);
});

for (const headers of [
  { range: 'bytes=0-3' },
  { range: 'bytes=99-' },
  { 'content-range': 'bytes 0-3/10' },
  { 'if-none-match': '*' },
  { 'if-none-match': CHECKSUM },
  { accept: 'application/json' },
]) {
  test(`GET sends the whole image whatever ${JSON.stringify(headers)} says`, async (t) => {
    const { id } = await admin.create({}, '0123456789');
    const answer = await admin.send('GET', `/v1/images/${id}`, { headers });
    checkAnswer(t, answer, { status: 200, body: '0123456789', headers: { 'content-range': undefined } });
  });
}

const UNKNOWN = randomUUID();
/** Ids that no image has; none is looked at for its form. */
for (const id of [
  '1',
  '-1',
  'None',
  'new',
  'detail.json',
  '..',
  '%20',
  UNKNOWN,
  `${UNKNOWN}x`,
  `{${UNKNOWN}}`,
  'x'.repeat(300),
]) {
  test(`no image ${id.slice(0, 50)}`, async (t) => {
    const shown = decodeURIComponent(id).trim();
    const row: Row = {
      title: id,
      send: ['GET', `/v1/images/${id}`],
      status: 404,
      details: `Image with identifier ${shown} not found`,
    };
    await checkRow(t, admin, row);
    checkAnswer(t, await admin.send('HEAD', `/v1/images/${id}`), { status: 404, body: '' });
  });
}

test('an image of another tenant is not found, before anything is said of its status', async (t) => {
  const { id } = await owner.create(FORMATS);
  const hidden = { status: 404, details: `Image with identifier ${id} not found` };
  for (const method of ['GET', 'PUT', 'DELETE']) {
    checkAnswer(t, await stranger.send(method, `/v1/images/${id}`), hidden);
  }
  t.is(await stranger.statusOf(id), 404);
});

async function data(client: V1Client, id: string): Promise<readonly [status: number, text: string]> {
  const { status, text } = await client.send('GET', `/v1/images/${id}`);
  return [status, text];
}

test('bytes that are gone from the store: HEAD works, GET is 404, the image can be deleted', async (t) => {
  const { id } = await admin.create({}, 'data');
  rmSync(join(server.running.images, id));
  t.is(await admin.statusOf(id), 'active');
  t.is((await data(admin, id))[0], 404);
  t.is((await admin.send('DELETE', `/v1/images/${id}`)).status, 200);
});

test('an image of 0 bytes is empty, and may have been uploaded', async (t) => {
  const { id } = await admin.create(FORMATS);
  t.is((await admin.send('PUT', `/v1/images/${id}`, { headers: OCTETS, chunks: [] })).status, 200);
  t.deepEqual(await data(admin, id), [200, '']);
});

test('a large image arrives byte for byte', async (t) => {
  const bytes = Buffer.from(Array.from({ length: 3_000_001 }, (_, index) => (index * 31 + (index >> 8)) % 256));
  const { id } = await admin.create({}, bytes);
  t.true((await admin.send('GET', `/v1/images/${id}`)).body.equals(bytes));
});
