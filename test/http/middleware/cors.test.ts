import { once } from 'node:events';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import type { Middleware } from 'koa';
import type { RequestState } from '../../../src/http/context.js';
import { fault } from '../../../src/http/fault.js';
import { type CorsRule, cors } from '../../../src/http/middleware/cors.js';
import { faultBoundary } from '../../../src/http/middleware/fault-boundary.js';
import { createHttpServer } from '../../../src/http/server.js';
import { quietLog } from '../../support/quiet-log.js';
import { exchange, type RawAnswer, request } from '../../support/raw-http.js';

const RULE: CorsRule = {
  allowed_origin: ['http://a.example', 'http://b.example'],
  allow_credentials: true,
  expose_headers: ['X-One', 'X-Two'],
  max_age: 60,
  allow_methods: ['GET', 'PUT'],
  allow_headers: ['X-Auth-Token'],
};

/** An API with one document, one image, one failure, and no other path. */
const api: Middleware<RequestState> = async (ctx) => {
  if (ctx.path === '/image') {
    ctx.status = 200;
    ctx.respond = false;
    ctx.res.end('bytes');
  } else if (ctx.path === '/broken') throw new Error('broken');
  else if (ctx.path !== '/' || !['GET', 'PUT', 'OPTIONS'].includes(ctx.method)) throw fault(404);
  else {
    ctx.set('X-Own', 'yes');
    ctx.body = 'own';
  }
};

type Ask = (method: string, path: string, headers?: Readonly<Record<string, string>>) => Promise<RawAnswer>;

async function serve(t: ExecutionContext, ...rules: CorsRule[]): Promise<Ask> {
  const server = createHttpServer({
    chain: [faultBoundary(quietLog()), cors(rules), api],
    maxHeaderSize: 16_384,
    socketTimeout: 10,
    keepAlive: true,
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return async (method, path, headers = {}) => {
    const answer = await exchange(address.port, request(method, path, { Connection: 'close', ...headers }));
    if (answer === undefined) throw new Error('no answer');
    return answer;
  };
}

/** The headers of an answer that are about origins. */
function granted({ headers }: RawAnswer): Readonly<Record<string, string>> {
  return Object.fromEntries([...headers].filter(([name]) => /^(access-control-|vary$)/.test(name)));
}

const GRANTED = {
  vary: 'Origin',
  'access-control-allow-origin': 'http://a.example',
  'access-control-allow-credentials': 'true',
  'access-control-expose-headers': 'X-One,X-Two',
};
const A = { Origin: 'http://a.example' };

test('answers to an allowed origin say so: documents, image data, errors of both kinds', async (t) => {
  const ask = await serve(t, RULE);
  for (const [path, status] of [
    ['/', 200],
    ['/image', 200],
    ['/none', 404],
    ['/broken', 500],
  ] as const) {
    const answer = await ask('GET', path, A);
    t.is(answer.status, status);
    t.deepEqual(granted(answer), GRANTED, path);
  }
});

test('other origins, and requests without one, are served without headers for pages', async (t) => {
  const ask = await serve(t, RULE);
  for (const headers of [{}, { Origin: 'http://evil.example' }, { Origin: 'http://A.example' }, { Origin: '*' }]) {
    const answer = await ask('GET', '/', headers);
    t.is(answer.status, 200);
    t.is(answer.body.toString(), 'own');
    // A cache must not hand this answer to a page of an allowed origin.
    t.deepEqual(granted(answer), { vary: 'Origin' });
  }
});

test('a preflight gets what it asks for, once all of it is allowed', async (t) => {
  const ask = await serve(t, RULE);
  const answer = await ask('OPTIONS', '/none', {
    ...A,
    'Access-Control-Request-Method': 'PUT',
    'Access-Control-Request-Headers': 'x-auth-token, content-type,,',
  });
  t.is(answer.status, 200);
  t.is(answer.body.length, 0);
  t.deepEqual(granted(answer), {
    vary: 'Origin',
    'access-control-allow-origin': 'http://a.example',
    'access-control-allow-credentials': 'true',
    'access-control-max-age': '60',
    'access-control-allow-methods': 'PUT',
    'access-control-allow-headers': 'x-auth-token,content-type',
  });
  for (const headers of [
    { ...A },
    { ...A, 'Access-Control-Request-Method': 'DELETE' },
    { ...A, 'Access-Control-Request-Method': 'put' },
    { ...A, 'Access-Control-Request-Method': 'PUT', 'Access-Control-Request-Headers': 'X-Auth-Token,X-Other' },
    { Origin: 'http://evil.example', 'Access-Control-Request-Method': 'PUT' },
    { 'Access-Control-Request-Method': 'PUT' },
  ]) {
    const refused = await ask('OPTIONS', '/none', headers);
    t.is(refused.status, 200);
    t.deepEqual(granted(refused), { vary: 'Origin' }, JSON.stringify(headers));
  }
});

test('OPTIONS succeeds, empty, without an origin too, unless the API answers it or breaks', async (t) => {
  const ask = await serve(t);
  const empty = await ask('OPTIONS', '/none');
  t.is(empty.status, 200);
  t.is(empty.headers.get('content-type'), 'text/html; charset=UTF-8');
  t.is(empty.headers.get('content-length'), '0');
  t.deepEqual(granted(empty), {});
  const own = await ask('OPTIONS', '/');
  t.is(own.body.toString(), 'own');
  t.is(own.headers.get('x-own'), 'yes');
  t.is((await ask('OPTIONS', '/broken')).status, 500);
});

test('* is any origin, a named one comes first, and of rules for one origin the first holds', async (t) => {
  const any = { ...RULE, allowed_origin: ['*', 'http://a.example'], allow_credentials: false, max_age: 0 };
  const ask = await serve(t, RULE, any);
  t.deepEqual(granted(await ask('GET', '/', A)), GRANTED);
  t.deepEqual(granted(await ask('GET', '/', { Origin: 'http://c.example' })), {
    vary: 'Origin',
    'access-control-allow-origin': '*',
    'access-control-expose-headers': 'X-One,X-Two',
  });
  const open = await serve(t, { ...any, allowed_origin: ['*'], expose_headers: [] });
  t.deepEqual(granted(await open('GET', '/', A)), { 'access-control-allow-origin': '*' });
  t.deepEqual(granted(await open('OPTIONS', '/none', { ...A, 'Access-Control-Request-Method': 'GET' })), {
    'access-control-allow-origin': '*',
    'access-control-allow-methods': 'GET',
  });
});
