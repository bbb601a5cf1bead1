import { gunzipSync } from 'node:zlib';
import test from 'ava';
import { acceptsGzip } from '../../../src/http/middleware/gzip.js';
import { useServer } from '../../support/v1-server.js';

const { admin } = useServer({}, { filters: ['versionnegotiation', 'gzip', 'fakeauth', 'context'] });
const plain = useServer();
const GZIP = { headers: { 'accept-encoding': 'gzip' } };

/** Headers, and whether their clients take gzip. */
const HEADERS: readonly [header: string | undefined, taken: boolean][] = [
  [undefined, false],
  ['', false],
  ['identity', false],
  ['deflate, br', false],
  ['gzip', true],
  ['GZIP', true],
  ['deflate, gzip;q=0.5', true],
  ['gzip;q=1.0, identity', true],
  ['gzip;q=0', false],
  ['gzip; q=0.0, deflate', false],
];
for (const [header, taken] of HEADERS) {
  test(`Accept-Encoding ${header ?? '(none)'} ${taken ? 'takes' : 'does not take'} gzip`, (t) => {
    t.is(acceptsGzip(header), taken);
  });
}

test('documents are compressed, with their length', async (t) => {
  for (const path of ['/v1/images', '/v1/images/detail', '/v1/shared-images/x']) {
    const [small, large] = [await admin.send('GET', path, GZIP), await admin.send('GET', path)];
    t.is(large.headers['content-encoding'], undefined);
    t.is(small.status, 200);
    t.is(small.headers['content-encoding'], 'gzip');
    t.is(small.headers.vary, 'Accept-Encoding');
    t.is(small.headers['content-length'], String(small.body.length));
    t.is(gunzipSync(small.body).toString(), large.text);
  }
});

test('an error is as short as it gets', async (t) => {
  const answer = await admin.send('GET', '/v1/images/missing', GZIP);
  t.deepEqual([answer.status, answer.headers['content-encoding']], [404, undefined]);
  t.regex(answer.text, /Image with identifier missing not found/);
});

test('image data is compressed as it is sent, byte for byte', async (t) => {
  const bytes = Buffer.alloc(1_000_000, 'compressible ');
  const { id } = await admin.create({}, bytes);
  const answer = await admin.send('GET', `/v1/images/${id}`, GZIP);
  t.is(answer.headers['content-encoding'], 'gzip');
  t.is(answer.headers['content-length'], undefined);
  t.true(answer.body.length < bytes.length / 10);
  t.true(gunzipSync(answer.body).equals(bytes));
});

test('HEAD has no body to compress', async (t) => {
  const { id } = await admin.create({}, 'data');
  const answer = await admin.send('HEAD', `/v1/images/${id}`, GZIP);
  t.deepEqual([answer.status, answer.text, answer.headers['content-encoding']], [200, '', undefined]);
});

test('a pipeline without the filter compresses nothing', async (t) => {
  const { id } = await plain.admin.create({}, 'data');
  for (const path of ['/v1/images', `/v1/images/${id}`]) {
    t.is((await plain.admin.send('GET', path, GZIP)).headers['content-encoding'], undefined);
  }
});
