import { createHash, randomUUID } from 'node:crypto';
import test from 'ava';
import { checkRow, type Row } from '../../support/v1-answer.js';
import { FORMATS, OCTETS, type V1Request } from '../../support/v1-client.js';
import { useServer } from '../../support/v1-server.js';

const CAP = 1000;
const server = useServer({ DEFAULT: { image_size_cap: CAP } });
const { admin } = server;

const md5 = (text: string): string => createHash('md5').update(text).digest('hex');
const mismatch = (what: string, supplied: string | number, actual: string | number): string =>
  `Supplied ${what} (${supplied}) and ${what} generated from uploaded image (${actual}) did not match. ` +
  "Setting image status to 'killed'.";
const TYPE = 'Content-Type must be application/octet-stream';
const TOO_LARGE = `Denying attempt to upload image larger than ${CAP} bytes.`;

interface Case extends Pick<Row, 'title' | 'status' | 'explains'> {
  readonly sent?: Readonly<Record<string, string>>;
  readonly data: Pick<V1Request, 'body' | 'chunks'>;
  /** Status of the image afterwards; killed unless given, a number where there is no image. */
  readonly after?: string | number;
}

/** The failures of an upload (image-api-v1 section 3.3) that a client's request alone brings about. */
const CASES: readonly Case[] = [
  ...['text/plain', 'application/json', 'APPLICATION/OCTET-STREAM', ''].map((type) => ({
    title: `a body of the type "${type}"`,
    sent: { 'content-type': type },
    data: { body: 'data' },
    status: 400,
    explains: TYPE,
  })),
  {
    title: 'a size header above the length of the body',
    sent: { ...OCTETS, 'x-image-meta-size': '5' },
    data: { body: 'data' },
    status: 400,
    explains: mismatch('size', 5, 4),
  },
  {
    title: 'a size header below the bytes of a chunked body',
    sent: { ...OCTETS, 'x-image-meta-size': '3' },
    data: { chunks: ['da', 'ta'] },
    status: 400,
    explains: mismatch('size', 3, 4),
  },
  {
    title: 'a size header and a chunked body of no bytes',
    sent: { ...OCTETS, 'x-image-meta-size': '3' },
    data: { chunks: [] },
    status: 400,
    explains: mismatch('size', 3, 0),
  },
  {
    title: 'a size header that hides a body beyond the cap',
    sent: { ...OCTETS, 'x-image-meta-size': '5' },
    data: { chunks: [Buffer.alloc(2 * CAP)] },
    status: 400,
    explains: mismatch('size', 5, 2 * CAP),
  },
  {
    title: 'another checksum',
    sent: { ...OCTETS, 'x-image-meta-checksum': md5('other') },
    data: { body: 'data' },
    status: 400,
    explains: mismatch('checksum', md5('other'), md5('data')),
  },
  {
    title: 'another checksum of a chunked body',
    sent: { ...OCTETS, 'x-image-meta-checksum': 'c' },
    data: { chunks: ['data'] },
    status: 400,
    explains: mismatch('checksum', 'c', md5('data')),
  },
  {
    title: 'a size and a checksum that differ: the size is told',
    sent: { ...OCTETS, 'x-image-meta-size': '5', 'x-image-meta-checksum': 'c' },
    data: { chunks: ['data'] },
    status: 400,
    explains: mismatch('size', 5, 4),
  },
  {
    title: 'a chunked body beyond the cap',
    sent: OCTETS,
    data: { chunks: [Buffer.alloc(CAP), Buffer.alloc(1)] },
    status: 413,
    explains: TOO_LARGE,
  },
  {
    title: 'a sized body beyond the cap, refused before the image exists',
    sent: OCTETS,
    data: { body: Buffer.alloc(CAP + 1) },
    status: 400,
    explains: TOO_LARGE,
    after: 404,
  },
  {
    title: 'a store that cannot be written',
    sent: { ...OCTETS, 'x-image-meta-store': 'http' },
    data: { body: 'data' },
    status: 410,
    explains: 'Error in store configuration. Adding images to store is disabled.',
  },
  {
    title: 'an empty name of a store, which leaves the image queued',
    sent: { ...OCTETS, 'x-image-meta-store': '' },
    data: { body: 'data' },
    status: 400,
    explains: 'Store for scheme not found',
    after: 'queued',
  },
];

function withoutFile(id: string): boolean {
  return !server.running.storedFiles().some((name) => name.includes(id));
}

for (const { title, sent = {}, data, after = 'killed', ...wanted } of CASES) {
  test(`by POST: ${title}`, async (t) => {
    const id = randomUUID();
    const request = { headers: { ...FORMATS, 'x-image-meta-id': id, ...sent }, ...data };
    await checkRow(t, admin, { title, send: ['POST', '/v1/images', request], ...wanted });
    t.is(await admin.statusOf(id), after);
    t.true(withoutFile(id));
  });
  test(`by PUT: ${title}`, async (t) => {
    const { id } = await admin.create(FORMATS);
    await checkRow(t, admin, { title, send: ['PUT', `/v1/images/${id}`, { headers: sent, ...data }], ...wanted });
    t.is(await admin.statusOf(id), after === 404 ? 'queued' : after);
    t.true(withoutFile(id));
  });
}

/** Uploads at the edge of what is allowed. */
const GOOD: readonly [
  title: string,
  sent: Readonly<Record<string, string>>,
  data: Pick<V1Request, 'body' | 'chunks'>,
  size: number,
][] = [
  ['as many bytes as the cap allows', {}, { chunks: [Buffer.alloc(CAP)] }, CAP],
  [
    'the announced size and checksum',
    { 'x-image-meta-size': '4', 'x-image-meta-checksum': md5('data') },
    { chunks: ['data'] },
    4,
  ],
  ['a chunked body of no bytes', {}, { chunks: [] }, 0],
  ['a size of 0, and a body that has some', { 'x-image-meta-size': '0' }, { body: 'data' }, 4],
  ['a type with parameters', { 'content-type': 'application/octet-stream; charset=x' }, { body: 'data' }, 4],
  ['the scheme of the store', { 'x-image-meta-store': 'file' }, { body: 'data' }, 4],
];
for (const [title, sent, data, size] of GOOD) {
  test(`an upload with ${title} is active`, async (t) => {
    const request = { headers: { ...FORMATS, ...OCTETS, ...sent }, ...data };
    await checkRow(t, admin, {
      title,
      send: ['POST', '/v1/images', request],
      status: 201,
      image: { status: 'active', size },
    });
  });
}
