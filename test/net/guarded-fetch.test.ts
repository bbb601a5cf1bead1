import { once } from 'node:events';
import { createServer } from 'node:net';
import test from 'ava';
import { isRegistryError } from '../../src/domain/errors.js';
import type { Resolve } from '../../src/net/guarded-connect.js';
import { DEFAULT_FETCH_LIMITS } from '../../src/net/guarded-fetch.js';
import { DEFAULT_URL_RULES } from '../../src/net/url-rules.js';
import { webServer } from '../suites/store-web-server.js';
import { fetching, GET, OPEN, portOf, textOf } from './fetching.js';
import { scripted, VECTORS } from './vectors.js';

const UNREADABLE = 'The source cannot be read.';
const STRAYED = 'The source redirects to a place that is not allowed.';

test('fetches, follows redirects, and asks for no compression', async (t) => {
  const server = await webServer((request, response) => {
    if (request.url === '/a') response.writeHead(302, { location: '/b' }).end('moved');
    else response.end(`${request.url} ${request.headers['accept-encoding']}`);
  });
  await fetching(async (fetch) => {
    const answer = await fetch(`${server.url}/a`, GET);
    t.is(answer.status, 200);
    t.is(await textOf(answer), '/b identity');
  });
  await server.idle();
  await server.close();
});

test('whatever URL the table refuses is refused before a name is resolved, as a source and as the target of a redirect', async (t) => {
  const target = (url = ''): string => decodeURIComponent(url.slice(url.indexOf('?') + 1));
  const origin = await webServer((request, response) =>
    response.writeHead(302, { location: target(request.url) }).end('moved'),
  );
  const resolved: string[] = [];
  const resolve: Resolve = (host, done) => {
    resolved.push(host);
    done(null, [{ address: '127.0.0.1', family: 4 }]);
  };
  const texts = VECTORS.filter(({ refused, answers, from }) => refused && !answers && !from);
  t.true(texts.length > 80);
  for (const { url, rules = {}, refused: message = /^$/ } of texts) {
    const all = { ...DEFAULT_URL_RULES, ...rules };
    await fetching((fetch) => t.throwsAsync(fetch(url, GET), { message }, url), { resolve }, all);
    if (/[^\x20-\xff]/.test(url)) continue;
    const withOrigin = {
      ...all,
      allowedHosts: [...all.allowedHosts, 'origin.test'],
      allowedPorts: [...all.allowedPorts, 80, 443, origin.port],
      allowedSchemes: ['http', 'https'],
    };
    await fetching(
      async (fetch) => {
        const from = `http://origin.test:${origin.port}/?${encodeURIComponent(url)}`;
        const error = await t.throwsAsync(fetch(from, GET), { message: STRAYED }, url);
        t.true(isRegistryError(error, 'invalid'));
      },
      { resolve },
      withOrigin,
    );
  }
  t.deepEqual([...new Set(resolved)], ['origin.test']);
  await origin.close();
});

test('connects to an address that was judged, and asks for it once', async (t) => {
  const server = await webServer((request, response) => response.end(request.headers.host));
  const { resolve, asked } = scripted([['127.0.0.1'], ['127.0.0.2']]);
  const url = `http://source.test:${server.port}/`;
  await fetching(async (fetch) => t.is(await textOf(await fetch(url, GET)), new URL(url).host), { resolve });
  t.is(asked(), 1);
  await server.close();
});

for (const answers of [[['127.0.0.1']], [['::ffff:127.0.0.1', '127.0.0.1']]]) {
  test(`a name that turns out to be ${answers} is never connected to`, async (t) => {
    const server = await webServer((_request, response) => response.end('secret'));
    const { resolve, asked } = scripted(answers);
    await fetching(
      async (fetch) => {
        const error = await t.throwsAsync(fetch(`http://other.test:${server.port}/`, GET), { message: /not open to/ });
        t.true(isRegistryError(error, 'invalid'));
      },
      { resolve },
      { ...OPEN, allowedHosts: [] },
    );
    t.is(asked(), 1);
    t.deepEqual(server.requests, []);
    await server.close();
  });
}

test('follows five redirects and no more', async (t) => {
  const server = await webServer((request, response) => {
    const left = Number(request.url?.slice(1));
    if (left > 0) response.writeHead(301, { location: `/${left - 1}` }).end();
    else response.end('here');
  });
  await fetching(async (fetch) => {
    t.is(await textOf(await fetch(`${server.url}/5`, GET)), 'here');
    t.is(server.requests.length, 6);
    const error = await t.throwsAsync(fetch(`${server.url}/6`, GET), { message: 'The source redirects too often.' });
    t.true(isRegistryError(error, 'invalid'));
    t.is(server.requests.length, 12);
  });
  t.is(DEFAULT_FETCH_LIMITS.redirects, 5);
  await server.close();
});

test('gives up a redirect loop', async (t) => {
  const server = await webServer((_request, response) => response.writeHead(308, { location: '/' }).end());
  await fetching((fetch) => t.throwsAsync(fetch(server.url, GET), { message: /too often/ }));
  t.is(server.requests.length, 6);
  await server.close();
});

test('what a request says of its user stays with its origin, what it says of the bytes goes along', async (t) => {
  const seen: (string | undefined)[][] = [];
  const note = (name: string, headers: NodeJS.Dict<string | string[]>): void => {
    const of = (header: string) => [headers[header]].flat()[0];
    seen.push([name, of('authorization'), of('x-auth-token'), of('cookie'), of('range'), of('if-match')]);
  };
  const other = await webServer((request, response) => {
    note(`other${request.url}`, request.headers);
    response.writeHead(302, { location: `${server.url}/3` }).end();
  });
  const server = await webServer((request, response) => {
    note(`server${request.url}`, request.headers);
    const next = request.url === '/1' ? '/2' : `http://eve:dropper@localhost:${other.port}/`;
    if (request.url === '/3') response.end();
    else response.writeHead(302, { location: next }).end();
  });
  const headers = { 'x-auth-token': 'token', cookie: 'a=b', range: 'bytes=0-1', 'if-match': '"x"' };
  await fetching(async (fetch) => {
    const url = server.url.replace('//', '//us%40er:pass@');
    (await fetch(`${url}/1`, { ...GET, headers })).close();
  });
  const basic = `Basic ${Buffer.from('us@er:pass').toString('base64')}`;
  const bytes = ['bytes=0-1', '"x"'];
  t.deepEqual(seen, [
    ['server/1', basic, 'token', 'a=b', ...bytes],
    ['server/2', basic, 'token', 'a=b', ...bytes],
    ['other/', undefined, undefined, undefined, ...bytes],
    ['server/3', undefined, undefined, undefined, ...bytes],
  ]);
  await other.close();
  await server.close();
});

for (const announced of [true, false]) {
  test(`a body of ${announced ? 'known' : 'unknown'} length may be as large as the limit and no larger`, async (t) => {
    const server = await webServer((_request, response) => {
      if (announced) response.setHeader('content-length', 100_000);
      response.write(Buffer.alloc(50_000));
      response.end(Buffer.alloc(50_000));
    });
    for (const [limits, request] of [
      [{}, { maxBytes: 99_999 }],
      [{ maxBytes: 99_999 }, {}],
    ]) {
      await fetching(
        async (fetch) => {
          const exact = await fetch(server.url, { ...GET, maxBytes: 100_000 });
          t.is((await textOf(exact)).length, 100_000);
          const fetched = fetch(server.url, { ...GET, ...request });
          // What is announced is refused before it is read.
          const refused = announced ? fetched : textOf(await fetched);
          const error = await t.throwsAsync(refused, { message: 'The source is larger than 99999 bytes.' });
          t.true(isRegistryError(error, 'too-large'));
        },
        { limits: limits ?? {} },
      );
    }
    await server.idle();
    await server.close();
  });
}

const silent = '';
const half = 'HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhello';

/** Talks as told, and then says nothing more or hangs up. */
async function talker(reply: string, end: boolean) {
  const server = createServer((socket) => {
    socket.on('error', () => {}).resume();
    if (end) socket.end(reply);
    else socket.write(reply);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { url: `http://127.0.0.1:${portOf(server)}/`, close: () => new Promise((resolve) => server.close(resolve)) };
}

for (const [title, limits, reply, end] of [
  ['is silent', { headersMs: 50 }, silent, false],
  ['takes too long altogether', { totalMs: 50 }, silent, false],
  ['hangs up', {}, silent, true],
  ['sends endless headers', {}, `HTTP/1.1 200 OK\r\nx: ${'x'.repeat(20_000)}\r\n\r\n`, false],
  ['does not speak HTTP', {}, 'SSH-2.0-OpenSSH\r\n', false],
] as const) {
  test(`a host that ${title} cannot be read`, async (t) => {
    const server = await talker(reply, end);
    const error = await t.throwsAsync(
      fetching((fetch) => fetch(server.url, GET), { limits }),
      { message: UNREADABLE },
    );
    t.true(isRegistryError(error, 'storage-unavailable'));
    await server.close();
  });
}

for (const [title, limits, end] of [
  ['falls silent', { idleMs: 50 }, false],
  ['hangs up', {}, true],
] as const) {
  test(`a host that ${title} in the middle of a body breaks off`, async (t) => {
    const server = await talker(half, end);
    const error = await t.throwsAsync(
      fetching(async (fetch) => textOf(await fetch(server.url, GET)), { limits }),
      { message: 'The source broke off before the end of the image.' },
    );
    t.true(isRegistryError(error, 'storage-unavailable'));
    await server.close();
  });
}

test('a host that is not there, or has no address, or never gets one, cannot be read', async (t) => {
  const server = await webServer(() => {});
  await server.close();
  const never: Resolve = () => {};
  const unknown: Resolve = (_host, done) => done(new Error('ENOTFOUND'), []);
  for (const [host, options] of [
    ['user:secret@127.0.0.1', {}],
    ['source.test', { resolve: unknown }],
    ['source.test', { resolve: never, limits: { connectMs: 50 } }],
  ] as const) {
    const fetched = fetching((fetch) => fetch(`http://${host}:${server.port}/`, GET), options);
    const error = await t.throwsAsync(fetched, { message: UNREADABLE });
    t.true(isRegistryError(error, 'storage-unavailable'));
  }
});

test('the caller can stop it, with a reason of its own', async (t) => {
  const server = await webServer((request, response) => {
    if (request.url === '/body') response.writeHead(200, { 'content-length': 10 }).write('hello');
  });
  await fetching(async (fetch) => {
    const stopped = AbortSignal.abort(new Error('enough'));
    await t.throwsAsync(fetch(server.url, { ...GET, signal: stopped }), { message: 'enough' });
    const early = new AbortController();
    const fetched = fetch(server.url, { ...GET, signal: early.signal });
    early.abort(new Error('enough'));
    await t.throwsAsync(fetched, { message: 'enough' });
    const late = new AbortController();
    const answer = await fetch(`${server.url}/body`, { ...GET, signal: late.signal });
    late.abort(new Error('enough'));
    await t.throwsAsync(textOf(answer), { message: 'enough' });
  });
  await server.close();
});
