import { createHash, randomUUID } from 'node:crypto';
import test, { type ExecutionContext } from 'ava';
import { RawConnection, request } from '../support/raw-http.js';
import { checkAnswer } from '../support/v1-answer.js';
import { FORMATS, imageOf, imagesOf, type V1Answer } from '../support/v1-client.js';
import { ADMIN, useServer } from '../support/v1-server.js';

const server = useServer({ DEFAULT: { image_size_cap: 3_000_000 } });
const { admin } = server;
const BOUNDARY = '----browser';
const TYPE = `multipart/form-data; boundary=${BOUNDARY}`;

type Part = readonly [name: string, value: string | Buffer];

function field(name: string, value: string | Buffer, more = ''): Buffer {
  const head = `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"${more}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), Buffer.from(value), Buffer.from('\r\n')]);
}

const file = (value: string | Buffer, name = 'file'): Buffer =>
  field(name, value, '; filename="disk.img"\r\nContent-Type: application/octet-stream');

const END = Buffer.from(`--${BOUNDARY}--\r\n`);

function form(fields: readonly Part[], ...rest: readonly Buffer[]): Buffer {
  return Buffer.concat([...fields.map(([name, value]) => field(name, value)), ...rest]);
}

const post = (body: Buffer, headers: Readonly<Record<string, string>> = {}): Promise<V1Answer> =>
  admin.send('POST', '/v1/images', { headers: { 'content-type': TYPE, ...headers }, body });
const chunked = (body: Buffer): Promise<V1Answer> =>
  admin.send('POST', '/v1/images', {
    headers: { 'content-type': TYPE },
    chunks: [body.subarray(0, 50), body.subarray(50)],
  });

const META: readonly Part[] = Object.entries(FORMATS);

for (const [title, send] of [
  ['sized', post],
  ['chunked', chunked],
] as const) {
  test(`a ${title} form makes an image of its fields and its file`, async (t) => {
    const bytes = Buffer.from(Array.from({ length: 200_000 }, (_, index) => (index * 7) % 256));
    const fields: readonly Part[] = [
      ...META,
      ['X-Image-Meta-Name', 'Größe'],
      ['x-image-meta-property-os-kind', 'linux'],
    ];
    const answer = await send(form(fields, file(bytes), END));
    checkAnswer(t, answer, {
      status: 201,
      image: {
        name: 'Größe',
        status: 'active',
        size: bytes.length,
        checksum: createHash('md5').update(bytes).digest('hex'),
        properties: { os_kind: 'linux' },
      },
    });
    t.true((await admin.send('GET', `/v1/images/${imageOf(answer).id}`)).body.equals(bytes));
  });
}

test('what the headers say holds for a form, too', async (t) => {
  const answer = await post(form([], file('data'), END), { ...FORMATS, 'x-image-meta-name': 'by header' });
  checkAnswer(t, answer, { status: 201, image: { name: 'by header', status: 'active', size: 4 } });
});

test('a form without a file reserves an image, one with an empty file has no bytes', async (t) => {
  checkAnswer(t, await post(form([['x-image-meta-name', 'reserved']], END)), {
    status: 201,
    image: { name: 'reserved', status: 'queued', size: 0 },
  });
  checkAnswer(t, await post(form(META, file(''), END)), { status: 201, image: { status: 'active', size: 0 } });
});

test('fields that are no image headers are passed over, copy-from is not', async (t) => {
  checkAnswer(t, await post(form([...META, ['submit', 'Upload']], file('data'), END)), { status: 201 });
  checkAnswer(t, await post(form([...META, ['x-glance-api-copy-from', 'file:///x']], END)), {
    status: 400,
    explains: "External sources are not supported: 'file:///x'",
  });
});

const many = (count: number): readonly Part[] =>
  Array.from({ length: count }, (_, index): Part => [`x-image-meta-property-p${index}`, 'v']);

/** Forms that are refused: nothing is stored, and no image is active. */
const BAD: readonly [title: string, body: Buffer, status: number, text: RegExp][] = [
  [
    'a field behind the file',
    form(META, file('data'), field('x-image-meta-name', 'x'), END),
    400,
    /comes behind the file/,
  ],
  ['two files', form(META, file('data'), file('more', 'second'), END), 400, /more than one file/],
  ['an end before the last boundary', form(META, file('data')), 400, /ends before its last boundary/],
  ['an end within the fields', form(META), 400, /ends before its last boundary/],
  ['no form at all', Buffer.from('nothing of the kind'), 400, /Malformed form/],
  ['too many fields', form(many(193), file('data'), END), 413, /may have 192 fields/],
  [
    'a field beyond its size',
    form([['x-image-meta-name', 'n'.repeat(65 * 1024)]], file('data'), END),
    413,
    /too large/,
  ],
  ['a name beyond its size', form([[`x-image-meta-${'n'.repeat(600)}`, 'v']], file('data'), END), 413, /too large/],
  [
    'a bad field',
    form([...META, ['x-image-meta-bogus', 'v']], file('data'), END),
    400,
    /Bad header: x-image-meta-bogus/,
  ],
  ['a bad value', form([['x-image-meta-disk_format', 'floppy']], file('data'), END), 400, /Invalid disk format/],
  ['a size that differs', form([...META, ['x-image-meta-size', '5']], file('data'), END), 400, /did not match/],
  ['a file beyond the cap', form(META, file(Buffer.alloc(3_000_001)), END), 413, /larger than 3000000 bytes/],
];

async function checkNothing(t: ExecutionContext, name: string): Promise<void> {
  const answer = await admin.send('GET', `/v1/images/detail?is_public=None&changes-since=2001-01-01&name=${name}`);
  for (const image of imagesOf(answer)) {
    t.is(image.status, 'killed');
    t.false(server.running.storedFiles().some((one) => one.includes(image.id)));
  }
}

for (const [title, body, status, text] of BAD) {
  for (const [how, send] of [
    ['sized', post],
    ['chunked', chunked],
  ] as const) {
    test(`a ${how} form with ${title} is refused`, async (t) => {
      const name = randomUUID();
      const answer = await send(Buffer.concat([field('x-image-meta-name', name), body]));
      t.is(answer.status, status, answer.text);
      t.regex(answer.text, text);
      await checkNothing(t, name);
    });
  }
}

test('a form without a boundary in its type is refused', async (t) => {
  const answer = await post(form(META, file('data'), END), { 'content-type': 'multipart/form-data' });
  checkAnswer(t, answer, { status: 400, explains: 'Malformed form: the Content-Type names no boundary.' });
});

test('a client that leaves in the middle of its file leaves nothing', async (t) => {
  const name = randomUUID();
  const body = form([...META, ['x-image-meta-name', name]], file(Buffer.alloc(100_000)));
  const connection = await RawConnection.open(server.running.port);
  const length = String(body.length + 1000);
  await connection.send(
    Buffer.concat([
      request('POST', '/v1/images', { 'X-Auth-Token': ADMIN, 'Content-Type': TYPE, 'Content-Length': length }),
      body,
    ]),
  );
  connection.end();
  const answer = await connection.answer();
  t.true(answer === undefined || answer.status === 400);
  connection.close();
  await checkNothing(t, name);
});

test('PUT takes no forms: its body is no image data', async (t) => {
  const { id } = await admin.create(FORMATS);
  const headers = { 'content-type': TYPE };
  const answer = await admin.send('PUT', `/v1/images/${id}`, { headers, body: form(META, file('data'), END) });
  checkAnswer(t, answer, { status: 400, explains: 'Content-Type must be application/octet-stream' });
});
