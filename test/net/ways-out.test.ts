import { TLSSocket } from 'node:tls';
import test from 'ava';
import { isRegistryError } from '../../src/domain/errors.js';
import { createGuardedFetch } from '../../src/net/guarded-fetch.js';
import { DEFAULT_URL_RULES } from '../../src/net/url-rules.js';
import { webServer } from '../suites/store-web-server.js';
import { startProxy } from '../support/forward-proxy.js';
import { TEST_CERTIFICATE } from '../support/test-certificate.js';
import { fetching, GET, OPEN, textOf } from './fetching.js';
import { scripted } from './vectors.js';

const UNREADABLE = 'The source cannot be read.';
const { cert } = TEST_CERTIFICATE;
const { resolve } = scripted([['127.0.0.1']]);

for (const [title, host, options, readable] of [
  ['an authority that is not known', '127.0.0.1', {}, false],
  ['an authority that is given', '127.0.0.1', { ca: cert }, true],
  ['an authority that is given, by name', 'source.test', { ca: cert }, true],
  ['the name of another host', 'localhost', { ca: cert }, false],
  ['no verification', '127.0.0.1', { insecure: true }, true],
  ['no verification, and the name of another host', 'localhost', { insecure: true }, true],
  ['an authority, which outweighs no verification', 'localhost', { ca: cert, insecure: true }, false],
] as const) {
  test(`https with ${title} is ${readable ? 'read' : 'not read'}`, async (t) => {
    const names: (string | false | null | undefined)[] = [];
    const server = await webServer((incoming, response) => {
      if (incoming.socket instanceof TLSSocket) names.push(incoming.socket.servername);
      response.end(incoming.headers.host);
    }, TEST_CERTIFICATE);
    await fetching(
      async (fetch) => {
        const fetched = fetch(`https://${host}:${server.port}/`, GET);
        if (!readable) return t.throwsAsync(fetched, { message: UNREADABLE });
        t.is(await textOf(await fetched), `${host}:${server.port}`);
        // An address is no server name (RFC 6066 section 3).
        return t.deepEqual(names, [host === '127.0.0.1' ? false : host]);
      },
      { ...options, resolve },
    );
    await server.close();
  });
}

test('https does not redirect to http', async (t) => {
  const plain = await webServer((_request, response) => response.end('secret'));
  const server = await webServer(
    (_request, response) => response.writeHead(302, { location: plain.url }).end(),
    TEST_CERTIFICATE,
  );
  await fetching(
    (fetch) => t.throwsAsync(fetch(server.url, GET), { message: /redirects to a place that is not allowed/ }),
    { ca: cert },
  );
  t.deepEqual(plain.requests, []);
  await fetching(
    async (fetch) => {
      t.is((await fetch(plain.url, GET)).status, 200);
    },
    { ca: cert },
  );
  await plain.close();
  await server.close();
});

test('a proxy is asked for the schemes that are its own, and resolves their names', async (t) => {
  const [proxy, plain, secure] = [
    await startProxy(),
    await webServer((incoming, response) => response.end(`plain ${incoming.headers.host}`)),
    await webServer((incoming, response) => response.end(`secure ${incoming.headers.host}`), TEST_CERTIFICATE),
  ];
  const script = scripted([['127.0.0.1']]);
  const [http, https] = [`http://source.test:${plain.port}/x`, `https://source.test:${secure.port}/x`];
  const plainHost = `plain source.test:${plain.port}`;
  const secureHost = `secure source.test:${secure.port}`;
  const get = (proxies: Record<string, string>, url: string) =>
    fetching(async (fetch) => textOf(await fetch(url, GET)), { proxies, ca: cert, resolve: script.resolve });

  t.is(await get({ http: proxy.host, https: proxy.host }, http), plainHost);
  t.is(await get({ http: proxy.host, https: `http://us%40er:pass@${proxy.host}` }, https), secureHost);
  const basic = `Basic ${Buffer.from('us@er:pass').toString('base64')}`;
  t.deepEqual(proxy.asked, [`GET ${http} -`, `CONNECT source.test:${secure.port} ${basic}`]);
  t.is(script.asked(), 0);

  t.is(await get({ http: proxy.host }, https), secureHost);
  t.is(script.asked(), 1);
  t.is(proxy.asked.length, 2);
  await Promise.all([proxy.close(), plain.close(), secure.close()]);
});

test('a redirect to a name that resolves to a closed address is refused, and the name not told', async (t) => {
  const inner = await webServer((_incoming, response) => response.end('secret'), TEST_CERTIFICATE);
  const origin = await webServer((_incoming, response) =>
    response.writeHead(302, { location: `https://inner.test:${inner.port}/` }).end(),
  );
  const proxy = await startProxy();
  const script = scripted([['127.0.0.1']]);
  await fetching(
    async (fetch) => {
      const message = 'The source redirects to a place that is not allowed.';
      const error = await t.throwsAsync(fetch(`http://origin.test:${origin.port}/`, GET), { message });
      t.true(isRegistryError(error, 'invalid'));
    },
    { proxies: { http: proxy.host }, resolve: script.resolve, insecure: true },
    { ...OPEN, allowedHosts: [] },
  );
  t.deepEqual([origin.requests.length, script.asked(), inner.requests.length], [1, 1, 0]);
  await Promise.all([proxy.close(), origin.close(), inner.close()]);
});

test('what is written in a URL is held against the rules before a proxy is asked', async (t) => {
  const proxy = await startProxy();
  for (const host of ['127.0.0.1', 'localhost', '[::1]', '2130706433', '169.254.169.254']) {
    const fetched = fetching(
      (fetch) => fetch(`http://${host}/`, GET),
      { proxies: { http: proxy.host } },
      DEFAULT_URL_RULES,
    );
    await t.throwsAsync(fetched, { message: /not allowed|malformed/ }, host);
  }
  t.deepEqual(proxy.asked, []);
  await proxy.close();
});

test('a proxy that is not there, or refuses, leaves the source unread', async (t) => {
  const proxy = await webServer((_request, response) => response.writeHead(403).end());
  const [url, host] = ['https://source.test/', `127.0.0.1:${proxy.port}`];
  const get = () => fetching((fetch) => fetch(url, GET), { proxies: { https: host } });
  await t.throwsAsync(get(), { message: UNREADABLE });
  await proxy.close();
  await t.throwsAsync(get(), { message: UNREADABLE });
});

for (const proxies of [{ ftp: 'host:1' }, { http: '' }, { http: 'ftp://user:secret@host' }, { https: 'secret:x:y' }]) {
  test(`${JSON.stringify(proxies)} is a mistake that is told without what may be a password`, (t) => {
    const error = t.throws(() => createGuardedFetch(OPEN, { proxies }), { message: /^http_proxy_information: / });
    t.false(error?.message.includes('secret'));
  });
}
