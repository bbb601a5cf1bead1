import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { FORMATS } from '../../support/v1-client.js';
import { useServer } from '../../support/v1-server.js';

const server = useServer({ DEFAULT: { debug: true, log_format: 'json' } });
const { admin } = server;
const PATIENCE_MS = 10_000;

type Line = Readonly<Record<string, unknown>>;

/** The lines of the log that have this request id, once there are so many; a line may come after its answer. */
async function lines(requestId: string, count = 1): Promise<readonly Line[]> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const found = server.running.output
      .split('\n')
      .filter((text) => text.includes(requestId) && text.endsWith('}'))
      .map((text): Line => JSON.parse(text));
    if (found.length >= count || Date.now() > deadline) return found;
    await sleep(10);
  }
}

/** Requests, and what their lines say beside method and path. */
const REQUESTS: readonly [method: string, path: string, wanted: Line, body?: string][] = [
  ['POST', '/v1/images', { status: 201, bytes: 4 }, 'data'],
  ['GET', '/v1/images/detail?name=none', { status: 200, bytes: 14, path: '/v1/images/detail' }],
  ['GET', '/v1/images/ID', { status: 200, bytes: 4 }],
  ['HEAD', '/v1/images/ID', { status: 200, bytes: 0 }],
  ['GET', '/v1/images/missing', { status: 404 }],
  ['BREW', '/v1/images', { status: 405 }],
];
for (const [method, path, wanted, body] of REQUESTS) {
  test(`${method} ${path} is one line`, async (t) => {
    const { id } = await admin.as('user:logs:member').create({}, 'data');
    const found = path.replace('ID', id);
    const data = { headers: { ...FORMATS, 'content-type': 'application/octet-stream' } };
    const request = body === undefined ? {} : { ...data, body };
    const answer = await admin.as('user:logs:member').send(method, found, request);
    const all = await lines(answer.headers['x-openstack-request-id'] ?? '?');
    const [line, ...more] = all.filter((one) => one.method !== undefined);
    t.deepEqual(more, []);
    const { seconds, ...rest } = line ?? {};
    t.true(typeof seconds === 'number' && seconds >= 0 && seconds < 60);
    const expected: Line = { user: 'user', tenant: 'logs', remote: '127.0.0.1', method, path: found, ...wanted };
    t.deepEqual(Object.fromEntries(Object.keys(expected).map((key) => [key, rest[key]])), expected);
  });
}

const SECRET = 'unspeakable';
test('neither tokens nor credentials of addresses are logged, on success or failure', async (t) => {
  const token = `${SECRET}token:logs:member`;
  const identity = {
    'x-service-token': `${SECRET}service`,
    authorization: `Bearer ${SECRET}bearer`,
    cookie: `a=${SECRET}cookie`,
  };
  const address = `http://user:${SECRET}password@127.0.0.1:1/image`;
  for (const headers of [
    identity,
    { ...identity, ...FORMATS, 'x-glance-api-copy-from': address },
    { ...identity, ...FORMATS, 'x-image-meta-location': address },
    { ...identity, ...FORMATS, 'x-image-meta-location': address, 'x-image-meta-size': '5' },
    { ...identity, 'x-image-meta-bogus': 'x' },
  ]) {
    const answer = await admin.as(token).send('POST', '/v1/images', { headers });
    t.not(answer.status, 500);
    t.true((await lines(answer.headers['x-openstack-request-id'] ?? '?')).length > 0);
  }
  for (const wrong of [`${SECRET}malformed`, `${SECRET}:too:many:parts`]) {
    t.is((await admin.as(wrong).send('GET', `/v1/images?token=${SECRET}query`)).status, 401);
  }
  const marked = await admin.send('GET', '/v1/images', { headers: { 'x-openstack-request-id': 'req-the-last' } });
  t.is(marked.status, 200);
  t.true((await lines('req-the-last')).length > 0);
  for (const what of ['service', 'bearer', 'cookie', 'password', 'malformed', 'query', ':too:many']) {
    t.false(server.running.output.includes(SECRET + what), what);
  }
  t.false(server.running.output.includes(token), 'the token');
});
