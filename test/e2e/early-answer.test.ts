import test from 'ava';
import { exchange, RawConnection, request } from '../support/raw-http.js';
import { ServerUnderTest } from '../support/server.js';

/** More than the buffers of both sockets hold: a client that sends all of it first blocks unless the server reads on. */
const LARGE = 48 * 1024 * 1024;
const CAP = 16 * 1024 * 1024;
const ABSENT = '00000000-0000-4000-8000-000000000000';
const FORMATS = { 'x-image-meta-disk_format': 'raw', 'x-image-meta-container_format': 'bare' };
const BYTES = { 'Content-Type': 'application/octet-stream' };

let server: ServerUnderTest;
test.before(async () => {
  server = await ServerUnderTest.start({ DEFAULT: { image_size_cap: CAP } });
});
test.after.always(async () => {
  await server?.stop();
  server?.dispose();
});

async function reserve(headers: Readonly<Record<string, string>> = FORMATS, body?: string): Promise<string> {
  const answer = await exchange(server.port, request('POST', '/v1/images', { ...headers, ...BYTES }, body));
  const { image }: { image: { id: string } } = JSON.parse(answer?.body.toString('utf8') ?? '');
  return image.id;
}

type Refusal = readonly [
  what: string,
  status: number,
  path: () => Promise<string>,
  headers: Readonly<Record<string, string>>,
  length: number,
];

const REFUSALS: readonly Refusal[] = [
  ['a body above the size cap', 400, async () => `/v1/images/${await reserve()}`, BYTES, LARGE],
  ['an unknown image', 404, async () => `/v1/images/${ABSENT}`, BYTES, CAP],
  ['an active image', 409, async () => `/v1/images/${await reserve(FORMATS, 'bytes')}`, BYTES, CAP],
  ['a bad header', 400, async () => `/v1/images/${await reserve()}`, { ...BYTES, 'x-image-meta-nonsense': '1' }, CAP],
  ['an image without formats', 400, async () => `/v1/images/${await reserve({})}`, BYTES, CAP],
  ['another content type', 400, async () => `/v1/images/${await reserve()}`, { 'Content-Type': 'text/plain' }, CAP],
  ['an unknown path', 404, async () => '/v1/nothing', BYTES, CAP],
];

for (const [what, status, path, headers, length] of REFUSALS) {
  const head = async (more: Readonly<Record<string, string>> = {}) =>
    request('PUT', await path(), { ...headers, 'Content-Length': String(length), ...more });

  test(`${what}: a client that sends everything before it reads gets its ${status}`, async (t) => {
    const connection = await RawConnection.open(server.port);
    t.teardown(() => connection.close());
    connection.pause();
    await connection.send(await head());
    const piece = Buffer.alloc(1024 * 1024);
    for (let sent = 0; sent < length && connection.failure === undefined; sent += piece.length) {
      await connection.send(piece);
    }
    connection.resume();
    const answer = await connection.answer();
    t.is(answer?.status, status);
    t.false(answer?.truncated);
    t.is(connection.failure, undefined, 'no reset');
  });

  test(`${what}: a client that waits gets its ${status} before it sent a byte`, async (t) => {
    const answer = await exchange(server.port, await head());
    t.is(answer?.status, status);
  });

  test(`${what}: a client that expects 100 gets its ${status} without one`, async (t) => {
    const answer = await exchange(server.port, await head({ Expect: '100-continue' }));
    t.is(answer?.status, status);
    t.false(answer?.continued);
  });
}

test('a client that expects 100 for a good upload gets it, sends, and is answered', async (t) => {
  const connection = await RawConnection.open(server.port);
  t.teardown(() => connection.close());
  const path = `/v1/images/${await reserve()}`;
  await connection.send(request('PUT', path, { ...BYTES, 'Content-Length': '5', Expect: '100-continue' }));
  t.true(await connection.awaitContinue());
  await connection.send('bytes');
  const answer = await connection.answer();
  t.is(answer?.status, 200);
  t.regex(answer?.body.toString('utf8') ?? '', /"status": "active"/);
  t.is((await exchange(server.port, request('GET', path)))?.body.toString('utf8'), 'bytes');
});
