import { createServer } from 'node:net';
import { text } from 'node:stream/consumers';
import test from 'ava';
import { isRegistryError } from '../../src/domain/errors.js';
import { createGuardedFetch, DEFAULT_FETCH_LIMITS, type FetchLimits } from '../../src/net/guarded-fetch.js';
import { DEFAULT_URL_RULES, type UrlRules } from '../../src/net/url-rules.js';
import { webServer } from '../suites/store-web-server.js';

const OPEN: UrlRules = { ...DEFAULT_URL_RULES, allowedHosts: ['127.0.0.1', 'localhost'], allowedPorts: [] };
const get = { method: 'GET' } as const;

async function fetching<T>(
  body: (fetch: ReturnType<typeof createGuardedFetch>['fetch']) => Promise<T>,
  rules = OPEN,
  limits: Partial<FetchLimits> = {},
): Promise<T> {
  const guarded = createGuardedFetch(rules, { ...DEFAULT_FETCH_LIMITS, ...limits });
  try {
    return await body(guarded.fetch);
  } finally {
    await guarded.close();
  }
}

test('fetches, follows redirects, and asks for no compression', async (t) => {
  const server = await webServer((request, response) => {
    if (request.url === '/a') response.writeHead(302, { location: '/b' }).end('moved');
    else response.end(`${request.url} ${request.headers['accept-encoding']}`);
  });
  await fetching(async (fetch) => {
    const answer = await fetch(`${server.url}/a`, get);
    t.is(answer.status, 200);
    t.is(await text(answer.body), '/b identity');
  });
  await server.idle();
  await server.close();
});

for (const url of [
  'http://127.0.0.1',
  'http://localhost',
  'http://[::1]',
  'http://[::ffff:127.0.0.1]',
  'http://0.0.0.0',
  'http://2130706433',
]) {
  test(`refuses the loopback interface as ${url}, and never connects`, async (t) => {
    const server = await webServer((_request, response) => response.end('secret'));
    const rules = { ...OPEN, allowedHosts: [] };
    await fetching(async (fetch) => {
      const error = await t.throwsAsync(fetch(`${url}:${server.port}/`, get), { message: /address is not public/ });
      t.true(isRegistryError(error, 'invalid'));
    }, rules);
    t.deepEqual(server.requests, []);
    await server.close();
  });
}

test('refuses a redirect to a host, port or scheme that the rules do not allow', async (t) => {
  const inner = await webServer((_request, response) => response.end('secret'));
  const targets = new Map([
    ['/host', `http://localhost:${inner.port}/`],
    ['/address', 'http://169.254.169.254/latest/meta-data/'],
    ['/scheme', 'file:///etc/passwd'],
    ['/malformed', 'http://user:secret@:x/'],
  ]);
  const server = await webServer((request, response) =>
    response.writeHead(302, { location: targets.get(request.url ?? '') }).end(),
  );
  const rules = { ...OPEN, allowedHosts: ['127.0.0.1'] };
  await fetching(async (fetch) => {
    for (const [path, message] of [
      ['/host', /host 'localhost'/],
      ['/address', /host '169\.254\.169\.254'/],
      ['/scheme', /scheme 'file'/],
      ['/malformed', /malformed/],
    ] as const) {
      t.true(isRegistryError(await t.throwsAsync(fetch(server.url + path, get), { message }), 'invalid'));
    }
  }, rules);
  t.deepEqual(inner.requests, []);
  await inner.close();
  await server.close();
});

test('gives up a redirect loop', async (t) => {
  const server = await webServer((_request, response) => response.writeHead(301, { location: '/' }).end());
  await fetching(async (fetch) => {
    const error = await t.throwsAsync(fetch(server.url, get), { message: /redirects too often/ });
    t.true(isRegistryError(error, 'invalid'));
  });
  t.is(server.requests.length, DEFAULT_FETCH_LIMITS.redirects + 1);
  await server.close();
});

test('credentials go to their own host and no further', async (t) => {
  const other = await webServer((_request, response) => response.end());
  const server = await webServer((request, response) => {
    const location = request.url === '/1' ? '/2' : `http://localhost:${other.port}/3`;
    response.writeHead(302, { location }).end();
  });
  await fetching(async (fetch) => {
    const url = server.url.replace('//', '//us%40er:pass@');
    (await fetch(`${url}/1`, get)).body.resume();
  });
  const expected = `Basic ${Buffer.from('us@er:pass').toString('base64')}`;
  t.deepEqual(
    server.requests.map(({ headers }) => headers.authorization),
    [expected, expected],
  );
  t.deepEqual(
    other.requests.map(({ headers }) => headers.authorization),
    [undefined],
  );
  await other.close();
  await server.close();
});

test('a host that is not there is storage-unavailable, named without credentials', async (t) => {
  const server = await webServer(() => {});
  await server.close();
  await fetching(async (fetch) => {
    const error = await t.throwsAsync(fetch(server.url.replace('//', '//user:secret@'), get));
    t.true(isRegistryError(error, 'storage-unavailable'));
    t.regex(error?.message ?? '', /'127\.0\.0\.1' cannot be reached/);
    t.false(error?.message.includes('secret'));
  });
});

for (const [title, limits, reply] of [
  ['is silent', { headersMs: 50 }, ''],
  ['takes too long altogether', { totalMs: 50 }, ''],
  ['sends endless headers', {}, `HTTP/1.1 200 OK\r\nx: ${'x'.repeat(20_000)}\r\n\r\n`],
  ['does not speak HTTP', {}, 'SSH-2.0-OpenSSH\r\n'],
] as const) {
  test(`a host that ${title} is storage-unavailable`, async (t) => {
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.resume().write(reply);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : 0;
    const fetched = fetching((fetch) => fetch(`http://127.0.0.1:${port}/`, get), OPEN, limits);
    t.true(isRegistryError(await t.throwsAsync(fetched), 'storage-unavailable'));
    await new Promise((resolve) => server.close(resolve));
  });
}

test('the caller can stop it', async (t) => {
  const server = await webServer(() => {});
  await fetching(async (fetch) => {
    const controller = new AbortController();
    const fetched = fetch(server.url, { ...get, signal: controller.signal });
    controller.abort(new Error('enough'));
    await t.throwsAsync(fetched, { message: 'enough' });
  });
  await server.close();
});
