import test from 'ava';
import { RawConnection } from '../../support/raw-http.js';
import { checkAnswer, checkRow } from '../../support/v1-answer.js';
import { ADMIN, useServer } from '../../support/v1-server.js';

/** An image that is there, as `ID` in paths. */
let id = '';
const server = useServer(
  {},
  {
    async prepare(client) {
      ({ id } = await client.create());
    },
  },
);
const { admin } = server;

const EXPLANATION = (method: string) => `The method ${method} is not allowed for this resource.`;
const ALL = ['HEAD', 'GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'TRACE', 'BREW'];

/** Methods that a path knows, as Allow lists them; all others are 405 (image-api-v1 section 1.2). */
const RESOURCES: readonly [path: string, known: readonly string[]][] = [
  ['/v1/images', ['GET', 'POST']],
  ['/v1/images/detail', ['GET', 'HEAD']],
  ['/v1/images/ID', ['GET', 'HEAD', 'PUT', 'DELETE']],
  ['/v1/images/ID/members', ['GET', 'PUT']],
  ['/v1/images/ID/members/tenant', ['GET', 'PUT', 'DELETE']],
];
for (const [path, known] of RESOURCES) {
  for (const method of ALL.filter((one) => !known.includes(one))) {
    test(`${method} ${path} is not allowed`, async (t) => {
      const answer = await admin.send(method, path.replace('ID', id));
      checkAnswer(t, answer, {
        status: 405,
        headers: { allow: known.join(', ') },
        ...(method === 'HEAD' ? { body: '' } : { explains: EXPLANATION(method) }),
      });
    });
  }
}

test('HEAD of details is refused with a list of its own', async (t) => {
  checkAnswer(t, await admin.send('HEAD', '/v1/images/detail'), { status: 405, body: '', headers: { allow: 'GET' } });
});

test('GET of one member is announced and yet refused, without Allow', async (t) => {
  checkAnswer(t, await admin.send('GET', `/v1/images/${id}/members/tenant`), {
    status: 405,
    explains: EXPLANATION('GET'),
    headers: { allow: undefined },
  });
});

test('shared images are listed whatever the method', async (t) => {
  for (const method of ['GET', 'POST', 'PUT', 'DELETE', 'PATCH']) {
    const answer = await admin.send(method, '/v1/shared-images/tenant');
    checkAnswer(t, answer, { status: 200, body: '{"shared_images": []}' });
  }
});

/** Paths that nothing answers. */
const UNKNOWN = [
  '/v1/images/',
  '/v1/images.json',
  '/v1/Images',
  '/v1/images/detail/',
  '/v1/images/ID/',
  '/v1/images/ID/file',
  '/v1/images/ID/edit',
  '/v1/images/ID/members/',
  '/v1/images/ID/members.json',
  '/v1/images/ID/members/tenant/more',
  '/v1/images/a%2Fb',
  '/v1/shared-images',
  '/v1/shared-images/',
  '/v1/members',
  '/v1/none',
  '/v1/cached_images',
  '/v1/cached_images/ID',
  '/v1/queued_images',
  '/v1/queued_images/ID',
];
for (const path of UNKNOWN) {
  test(`nothing is at ${path}`, async (t) => {
    const send = (method: string) => admin.send(method, path.replace('ID', id));
    for (const method of ['GET', 'POST', 'PUT', 'DELETE', 'PATCH']) {
      checkAnswer(t, await send(method), { status: 404, details: '', headers: { allow: undefined } });
    }
    checkAnswer(t, await send('HEAD'), { status: 404, body: '' });
    for (const method of ['BREW', 'TRACE']) {
      const explains = `The request method ${method} is not implemented for this server.`;
      checkAnswer(t, await send(method), { status: 501, explains });
    }
  });
}

test('a path that is no UTF-8 is bad input', async (t) => {
  for (const path of ['/v1/images/%FF', '/v1/shared-images/%FF', '/v1/images?name=%FF', '/v1/images?%FF=1']) {
    await checkRow(t, admin, {
      title: path,
      send: ['GET', path],
      status: 400,
      explains:
        'Error decoding your request. Either the URL or the request body contained characters that could not be decoded by Glance',
    });
  }
});

test('an unknown method begins a connection or is refused: later on it might be the rest of a body', async (t) => {
  const connection = await RawConnection.open(server.running.port);
  t.teardown(() => connection.close());
  for (const [method, status] of [
    ['GET', 200],
    ['BREW', 400],
  ] as const) {
    await connection.send(`${method} /v1/images HTTP/1.1\r\nHost: here\r\nX-Auth-Token: ${ADMIN}\r\n\r\n`);
    t.is((await connection.answer())?.status, status);
  }
});
