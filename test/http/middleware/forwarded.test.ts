import { once } from 'node:events';
import { get } from 'node:http';
import { text } from 'node:stream/consumers';
import test from 'ava';
import { parseAddresses } from '../../../src/auth/trusted-addresses.js';
import type { Context } from '../../../src/http/context.js';
import { forwarded } from '../../../src/http/middleware/forwarded.js';
import { originOf } from '../../../src/http/origin.js';
import { createHttpServer } from '../../../src/http/server.js';

/** What a server makes of a request with these headers, if it trusts the proxies. */
async function seen(
  headers: Readonly<Record<string, string>>,
  proxies: readonly string[],
  look: (ctx: Context) => string = originOf,
): Promise<string> {
  const server = createHttpServer({
    chain: [
      forwarded({ isProxy: parseAddresses(proxies), schemeHeader: 'X-Scheme' }),
      (ctx: Context) => {
        ctx.body = look(ctx);
      },
    ],
    maxHeaderSize: 16384,
    socketTimeout: 5,
    keepAlive: false,
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const [answer] = await once(
    get({ host: '127.0.0.1', port, headers: { host: 'inside:9292', ...headers } }),
    'response',
  );
  const body = await text(answer);
  server.close();
  return body;
}

const CASES: readonly (readonly [headers: Readonly<Record<string, string>>, origin: string])[] = [
  [{}, 'http://inside:9292'],
  [{ 'x-forwarded-proto': 'https', 'x-forwarded-host': 'images.example.org' }, 'https://images.example.org'],
  [{ 'x-forwarded-host': 'outer.example.org, inner.example.org' }, 'http://outer.example.org'],
  [{ 'x-forwarded-prefix': '/image/' }, 'http://inside:9292/image'],
  [
    { forwarded: 'for=192.0.2.1;proto=https;host="images.example.org:8443", proto=http' },
    'https://images.example.org:8443',
  ],
  [{ forwarded: 'proto=https', 'x-forwarded-proto': 'http' }, 'https://inside:9292'],
  [{ 'x-scheme': 'https' }, 'https://inside:9292'],
  [{ 'x-forwarded-proto': 'javascript' }, 'http://inside:9292'],
  [{ 'x-forwarded-host': 'evil.example.org/path?' }, 'http://inside:9292'],
  [{ 'x-forwarded-prefix': '//evil.example.org' }, 'http://inside:9292'],
];

for (const [headers, origin] of CASES) {
  test(`behind a declared proxy ${JSON.stringify(headers)} means ${origin}`, async (t) => {
    t.is(await seen(headers, ['127.0.0.1']), origin);
  });
  test(`from anybody else ${JSON.stringify(headers)} means nothing`, async (t) => {
    t.is(await seen(headers, ['192.0.2.0/24']), 'http://inside:9292');
  });
}

for (const [passed, client] of [
  ['192.0.2.7', '192.0.2.7'],
  ['203.0.113.9, 192.0.2.7, 127.0.0.1', '192.0.2.7'],
  ['2001:db8::7', '2001:db8::7'],
  ['127.0.0.1', 'nobody'],
  ['', 'nobody'],
  // What a proxy puts in the place of an address hides it, and does not lend weight to what the client wrote.
  ['10.0.0.5, unknown', 'nobody'],
  ['10.0.0.5, 192.0.2.7:4711', 'nobody'],
] as const) {
  test(`X-Forwarded-For: ${passed} comes from ${client}`, async (t) => {
    const look = (ctx: Context) => ctx.state.client ?? 'nobody';
    t.is(await seen({ 'x-forwarded-for': passed }, ['127.0.0.1'], look), client);
    t.is(await seen({ 'x-forwarded-for': passed }, ['192.0.2.0/24'], look), 'nobody');
  });
}
