import { randomUUID } from 'node:crypto';
import test from 'ava';
import { exchange, RawConnection, request } from '../../support/raw-http.js';
import { verdict } from '../../support/v2-client.js';
import { useV2Server } from '../../support/v2-server.js';

const server = useV2Server({
  DEFAULT: { max_request_id_length: 16, image_size_cap: 1000 },
  glimpse: { max_header_size: 8192 },
});
const { admin } = server;
const ID = randomUUID();

/** Paths and the methods they announce (image-api-v2 section 2.1). */
const METHODS: Readonly<Record<string, readonly string[]>> = {
  '/v2/images': ['GET', 'POST'],
  [`/v2/images/${ID}`]: ['GET', 'PATCH', 'DELETE'],
  [`/v2/images/${ID}/file`]: ['GET', 'HEAD', 'PUT'],
  [`/v2/images/${ID}/actions/deactivate`]: ['POST'],
  [`/v2/images/${ID}/actions/reactivate`]: ['POST'],
  [`/v2/images/${ID}/members`]: ['GET', 'POST'],
  [`/v2/images/${ID}/members/m`]: ['GET', 'PUT', 'DELETE'],
  [`/v2/images/${ID}/tags/t`]: ['PUT', 'DELETE'],
  '/v2/schemas/image': ['GET'],
  '/v2/info/import': ['GET'],
  '/v2/info/stores': ['GET'],
  '/v2/info/stores/detail': ['GET'],
};
for (const [path, allowed] of Object.entries(METHODS)) {
  test(`${path.replace(ID, '{id}')} is for ${allowed.join(', ')}`, async (t) => {
    for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'TRACE', 'BREW']) {
      const answer = await exchange(server.running.port, request(method, path, { 'X-Auth-Token': 'a:none:admin' }), {
        head: method === 'HEAD',
      });
      t.is(answer?.status === 405, !allowed.includes(method), method);
      if (answer?.status === 405) t.is(answer.headers.get('allow'), allowed.join(', '), method);
    }
  });
}

test('usage refuses no method, it just is not there', async (t) => {
  t.is((await admin.get('/v2/info/usage')).status, 200);
  for (const method of ['HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']) {
    t.is((await admin.send(method, '/v2/info/usage')).status, 404, method);
  }
  t.is((await admin.send('TRACE', '/v2/info/usage')).status, 501);
});

for (const path of [
  '/v2/',
  '/v2/images/',
  '/v2/nothing',
  `/v2/images/${ID}/nothing`,
  '/v2/schemas',
  '/v2/schemas/foo',
  '/v2/info',
]) {
  test(`${path.replace(ID, '{id}')} is no place`, async (t) => {
    for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']) {
      t.is(verdict(await admin.send(method, path)), '404 The resource could not be found.', method);
    }
    t.is((await admin.send('HEAD', path)).status, 404);
    t.is(verdict(await admin.send('TRACE', path)), '501 The request method TRACE is not implemented for this server.');
  });
}

const BODILESS: readonly (readonly [method: string, path: string])[] = [
  ['GET', '/v2/images'],
  ['GET', `/v2/images/${ID}`],
  ['DELETE', `/v2/images/${ID}`],
  ['GET', `/v2/images/${ID}/file`],
  ['POST', `/v2/images/${ID}/actions/deactivate`],
  ['POST', `/v2/images/${ID}/actions/reactivate`],
  ['GET', `/v2/images/${ID}/members`],
  ['GET', `/v2/images/${ID}/members/m`],
  ['DELETE', `/v2/images/${ID}/members/m`],
  ['PUT', `/v2/images/${ID}/tags/t`],
  ['DELETE', `/v2/images/${ID}/tags/t`],
  ['GET', '/v2/schemas/image'],
  ['GET', '/v2/info/import'],
];
for (const [method, path] of BODILESS) {
  test(`${method} ${path.replace(ID, '{id}')} takes no body`, async (t) => {
    const refused = '400 A body is not expected with this request.';
    t.is(verdict(await admin.send(method, path, { body: 'x' })), refused);
    if (method === 'POST' || method === 'PUT') t.is(verdict(await admin.send(method, path, { chunks: [] })), refused);
    t.not(verdict(await admin.send(method, path, { body: '' })), refused);
  });
}

const JSON_ROUTES: readonly (readonly [method: string, path: string, headers: Readonly<Record<string, string>>])[] = [
  ['POST', '/v2/images', {}],
  ['PATCH', `/v2/images/${ID}`, { 'content-type': 'application/openstack-images-v2.1-json-patch' }],
  ['POST', `/v2/images/${ID}/members`, {}],
  ['PUT', `/v2/images/${ID}/members/m`, { 'content-type': 'text/plain' }],
];
for (const [method, path, headers] of JSON_ROUTES) {
  test(`${method} ${path.replace(ID, '{id}')} takes JSON, before it looks for the image`, async (t) => {
    const send = async (body?: Buffer | string) =>
      verdict(await admin.send(method, path, body === undefined ? { headers } : { headers, body }));
    t.is(await send(), '400 Body expected in request.');
    t.is(await send(''), '400 Body expected in request.');
    for (const broken of ['{', 'x', '{"a":}', '\u0000', '{}x']) {
      t.is(await send(broken), '400 Malformed JSON in request body.', broken);
    }
    t.is(await send(Buffer.from([0x7b, 0xff, 0x7d])), '400 Malformed JSON in request body.');
    for (const scalar of ['5', '"x"', 'null', 'true', '1e400']) {
      t.is(await send(scalar), '400 Unexpected body type. Expected list/dict.', scalar);
    }
    t.is((await admin.send(method, path, { headers, body: `[${' '.repeat(1024 * 1024)}]` })).status, 413);
  });
}

test('the id of a request: its own, the client’s, or too long', async (t) => {
  const ask = (id: string) => admin.get('/v2/images?limit=0', { 'x-openstack-request-id': id });
  t.is((await ask('mine')).headers['x-openstack-request-id'], 'req-mine');
  t.is((await ask('req-mine')).headers['x-openstack-request-id'], 'req-mine');
  t.is((await ask('x'.repeat(16))).status, 200);
  t.is((await ask('x'.repeat(17))).status, 431);
});

test('headers beyond their limit are 431', async (t) => {
  const answer = await exchange(server.running.port, request('GET', '/v2/images', { 'X-Large': 'x'.repeat(9000) }));
  t.is(answer?.status, 431);
});

test('a connection goes on after an early refusal, once the body is through', async (t) => {
  const connection = await RawConnection.open(server.running.port);
  t.teardown(() => connection.close());
  const token = { 'X-Auth-Token': 'a:none:admin' };
  const large = Buffer.alloc(300_000, 'x');
  const refusals = [
    [404, 'PUT', `/v2/images/${ID}/file`, { 'Content-Type': 'application/octet-stream' }],
    [415, 'PUT', `/v2/images/${ID}/file`, { 'Content-Type': 'text/plain' }],
    [405, 'PUT', '/v2/images', {}],
    [400, 'GET', '/v2/images', {}],
    [415, 'PATCH', `/v2/images/${ID}`, {}],
  ] as const;
  for (const [status, method, path, headers] of refusals) {
    await connection.send(request(method, path, { ...token, ...headers }, large));
    t.is((await connection.answer())?.status, status, `${method} ${path}`);
  }
  await connection.send(request('GET', '/v2/images?limit=0', token));
  t.is((await connection.answer())?.status, 200);
});
