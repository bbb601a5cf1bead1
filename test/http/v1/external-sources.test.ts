import { createHash, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { type FakeSource, sourceBytes, startFakeSource } from '../../support/fake-source.js';
import { checkAnswer, checkRow } from '../../support/v1-answer.js';
import { FORMATS, imageOf, OCTETS } from '../../support/v1-client.js';
import { useServer } from '../../support/v1-server.js';

let source: FakeSource;
const server = useServer(
  {
    import_filtering_opts: { allowed_hosts: '[127.0.0.1]', allowed_ports: '[]' },
    DEFAULT: { user_storage_quota: '10KB' },
  },
  {
    async prepare() {
      source = await startFakeSource();
    },
  },
);
const { admin } = server;
test.after.always('the source closes', () => source?.close());

const PATIENCE_MS = 15_000;
const copyFrom = (path: string) => ({ ...FORMATS, 'x-glance-api-copy-from': source.url + path });
const location = (path: string) => ({ ...FORMATS, 'x-image-meta-location': source.url + path });
const post = (headers: Readonly<Record<string, string>>) => admin.send('POST', '/v1/images', { headers });

/** Status of the image once nothing is under way any more. */
async function settled(id: string): Promise<string | number> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const status = await admin.statusOf(id);
    if ((status !== 'queued' && status !== 'saving') || Date.now() > deadline) return status;
    await sleep(10);
  }
}

/** Copies: what the answer says at once, and where they end (image-api-v1 sections 1.7 and 8.12). */
const COPIES: readonly [
  title: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  size: number,
  end: string,
][] = [
  ['with its size', '/bytes/5120', {}, 5120, 'active'],
  ['whose size is given', '/bytes/100', { 'x-image-meta-size': '100' }, 100, 'active'],
  ['whose size is given wrongly', '/bytes/100', { 'x-image-meta-size': '99' }, 99, 'active'],
  ['that redirects', '/redirect/64', {}, 64, 'active'],
  ['without a length', '/nolength/77', {}, 0, 'active'],
  ['of no bytes', '/bytes/0', {}, 0, 'active'],
  ['that breaks off', '/short/200', {}, 200, 'killed'],
  ['that is gone when it is fetched', '/headonly/10', {}, 10, 'killed'],
  ['of another checksum', '/bytes/50', { 'x-image-meta-checksum': 'c' }, 50, 'killed'],
  ['beyond the storage quota', '/bytes/20000', {}, 20000, 'killed'],
];
for (const [title, path, headers, size, end] of COPIES) {
  test(`copy-from of a source ${title} answers at once and ends ${end}`, async (t) => {
    const owner = admin.as(`u:${randomUUID()}:member`);
    const answer = await owner.send('POST', '/v1/images', { headers: { ...copyFrom(path), ...headers } });
    checkAnswer(t, answer, { status: 201, image: { status: 'queued', size } });
    const { id } = imageOf(answer);
    t.is(await settled(id), end);
    if (end === 'killed') {
      t.false(server.running.storedFiles().some((name) => name.includes(id)));
      return;
    }
    const bytes = sourceBytes(Number(path.split('/')[2]));
    const show = await owner.send('GET', `/v1/images/${id}`);
    t.true(show.body.equals(bytes));
    t.is(show.headers.etag, createHash('md5').update(bytes).digest('hex'));
  });
}

test('copy-from needs no formats, and completes those of Amazon', async (t) => {
  for (const formats of [{}, { 'x-image-meta-disk_format': 'ami' }]) {
    const { 'x-glance-api-copy-from': url } = copyFrom('/bytes/10');
    const answer = await post({ ...formats, 'x-glance-api-copy-from': url });
    checkAnswer(t, answer, { status: 201 });
    t.is(await settled(imageOf(answer).id), 'active');
  }
});

test('copy-from by PUT', async (t) => {
  const { id } = await admin.create(FORMATS);
  const put = () => admin.send('PUT', `/v1/images/${id}`, { headers: copyFrom('/bytes/33') });
  checkAnswer(t, await put(), { status: 200, image: { size: 33 } });
  t.is(await settled(id), 'active');
  checkAnswer(t, await put(), {
    status: 400,
    explains: 'Attempted to update Location field for an image not in queued status.',
  });
});

/** Images at a location: their size afterwards. */
const LOCATED: readonly [title: string, path: string, headers: Readonly<Record<string, string>>, size: number][] = [
  ['its own size', '/bytes/2048', {}, 2048],
  ['the size given', '/bytes/2048', { 'x-image-meta-size': '2048' }, 2048],
  ['a size of 0, which counts as none', '/bytes/12', { 'x-image-meta-size': '0' }, 12],
  ['the size behind a redirect', '/redirect/128', {}, 128],
  ['no size at all', '/bytes/0', {}, 0],
  ['a size that nobody can check', '/nolength/31', { 'x-image-meta-size': '31' }, 31],
];
for (const [title, path, headers, size] of LOCATED) {
  test(`a location with ${title} is active at once, and read at every download`, async (t) => {
    const answer = await post({ ...location(path), ...headers });
    checkAnswer(t, answer, {
      status: 201,
      image: { status: 'active', size, checksum: null },
      headers: { etag: undefined },
    });
    const { id } = imageOf(answer);
    const show = await admin.send('GET', `/v1/images/${id}`);
    t.true(show.body.equals(sourceBytes(size)));
    t.false(server.running.storedFiles().includes(id));
    for (const [name, value] of Object.entries(show.headers)) t.false(value.includes(source.url), name);
    const detail = await admin.send('GET', '/v1/images/detail?is_public=None&limit=1000');
    t.false(detail.text.includes(source.url));
    t.is((await admin.send('DELETE', `/v1/images/${id}`)).status, 200);
  });
}

test('a location by PUT makes a reserved image active, with the size of the source', async (t) => {
  const { id } = await admin.create({ 'x-image-meta-size': '10', ...FORMATS });
  const put = await admin.send('PUT', `/v1/images/${id}`, { headers: location('/bytes/11') });
  checkAnswer(t, put, { status: 200, image: { status: 'active', size: 11 } });
  const upload = await admin.send('PUT', `/v1/images/${id}`, { headers: OCTETS, body: 'data' });
  checkAnswer(t, upload, { status: 409, details: 'Cannot upload to an unqueued image' });
});

test('a size that differs from that of a location is a conflict', async (t) => {
  checkAnswer(t, await post({ ...location('/bytes/2048'), 'x-image-meta-size': '2047' }), {
    status: 409,
    explains: 'Provided image size must match the stored image size. (provided size: 2047, stored size: 2048)',
  });
});

test('a location whose data is gone is told at the download', async (t) => {
  const { id } = imageOf(await post(location('/headonly/10')));
  t.is(await admin.statusOf(id), 'active');
  t.is((await admin.send('GET', `/v1/images/${id}`)).status, 404);
});

/** Sources of no use, by either header. */
const BAD: readonly [path: string, status: number, explains?: string][] = [
  ['/status/404', 404, 'HTTP datastore could not find image at URI.'],
  ['/none', 404, 'HTTP datastore could not find image at URI.'],
  ['/status/500', 400, 'The source cannot be read.'],
  ['/status/403', 400, 'The source cannot be read.'],
  ['/loop/1', 400, 'The source redirects too often.'],
];
for (const [path, status, explains] of BAD) {
  for (const [title, headers] of [
    ['copy-from', copyFrom],
    ['location', location],
  ] as const) {
    test(`${title} of ${path} makes no image: ${status}`, async (t) => {
      const name = randomUUID();
      const request = { headers: { ...headers(path), 'x-image-meta-name': name } };
      const wanted = explains === undefined ? { status } : { status, explains };
      await checkRow(t, admin, { title, send: ['POST', '/v1/images', request], ...wanted });
      t.deepEqual(await admin.names(`is_public=None&name=${name}`), []);
    });
  }
}

/** Sources that are refused for their address alone. */
const ADDRESSES: readonly [source: string, explains: string][] = [
  ['', 'External source should not be empty'],
  ...[
    'file:///etc/passwd',
    'filesystem:///etc/passwd',
    'swift+config://x/y',
    'swift://x/y',
    'ftp://x/y',
    's3://k:v@h/b/o',
    'rbd://a',
    'FILE:///etc/passwd',
    'nonsense',
    'http',
  ].map((url): [string, string] => [url, `External sources are not supported: '${url}'`]),
  ['HTTP://x/y', 'Invalid location HTTP://x/y'],
];
for (const [address, explains] of ADDRESSES) {
  for (const header of ['x-glance-api-copy-from', 'x-image-meta-location']) {
    test(`${header}: "${address}" is refused`, async (t) => {
      const wanted = { title: '', status: 400, explains };
      const request = { headers: { ...FORMATS, [header]: address } };
      await checkRow(t, admin, { send: ['POST', '/v1/images', request], ...wanted });
      const { id } = await admin.create(FORMATS);
      await checkRow(t, admin, { send: ['PUT', `/v1/images/${id}`, request], ...wanted });
      t.is(await admin.statusOf(id), 'queued');
    });
  }
}

test('a source that is missing comes before an id that is taken', async (t) => {
  const { id } = await admin.create();
  t.is((await post({ ...copyFrom('/none'), 'x-image-meta-id': id })).status, 404);
  t.is((await post({ ...copyFrom('/bytes/1'), 'x-image-meta-id': id })).status, 409);
});

/** Sources that are bad input: where nobody listens, in the words for any that cannot be read, and where nobody is asked. */
const UNASKED: readonly [source: string, explains: string][] = [
  ['http://127.0.0.1:1/x', 'The source cannot be read.'],
  ['http://localhost:1/x', "Sources with host 'localhost' are not allowed."],
  ['http://169.254.169.254/latest', "Sources with host '169.254.169.254' are not allowed."],
  ['http://[::1]/x', "Sources with host '::1' are not allowed."],
  ['http://2130706433/x', 'The URL of the source is malformed: an IPv4 address is four decimal numbers.'],
  ['http://127.1/x', 'The URL of the source is malformed: an IPv4 address is four decimal numbers.'],
  ['http://127.0.0.1\\@example.org/x', 'The URL of the source is malformed.'],
];
for (const [url, explains] of UNASKED) {
  for (const [title, header] of [
    ['copy-from', 'x-glance-api-copy-from'],
    ['location', 'x-image-meta-location'],
  ] as const) {
    test(`${title} of ${url} is refused`, async (t) => {
      const request = { headers: { ...FORMATS, [header]: url } };
      await checkRow(t, admin, { title, send: ['POST', '/v1/images', request], status: 400, explains });
    });
  }
}
