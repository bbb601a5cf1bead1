import { randomBytes, randomUUID } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import test from 'ava';
import { type ErrorKind, isRegistryError, SourceChanged } from '../../../src/domain/errors.js';
import { UNKNOWN_SOURCE } from '../../../src/domain/location.js';
import type { Store } from '../../../src/domain/ports/store.js';
import { createGuardedFetch } from '../../../src/net/guarded-fetch.js';
import { DEFAULT_URL_RULES } from '../../../src/net/url-rules.js';
import { createHttpStore } from '../../../stores/http/http-store.js';
import { at, calm, chunks, contents } from '../../suites/store-rig.js';
import { type WebServer, webServer } from '../../suites/store-web-server.js';
import { type Habit, habits, ranged, unmeasured, whole } from './http-source.js';

const BYTES = randomBytes(300_000);
const PART = BYTES.subarray(5, 10);
const RULES = { ...DEFAULT_URL_RULES, allowedHosts: ['127.0.0.1'], allowedPorts: [] };
const UNREADABLE = 'The source cannot be read.';
const NO_IMAGE = 'The source answers with something else than an image.';
const BROKEN = 'The source broke off before the end of the image.';

const partial =
  (contentRange: string, body = PART, headers: Readonly<Record<string, string>> = {}): Habit =>
  (_request, response) =>
    void response.writeHead(206, { ...(contentRange ? { 'content-range': contentRange } : {}), ...headers }).end(body);

/** Every habit that a source may have, by the first part of its path. */
const HABITS: Readonly<Record<string, Habit>> = {
  bytes: whole(BYTES),
  ranged: ranged(BYTES),
  unmeasured: unmeasured(BYTES),
  unknowing: partial('bytes 5-9/*'),
  chunked: partial('bytes 5-9/300000'),
  moved: (_request, response) => void response.writeHead(302, { location: '/bytes' }).end(),
  loop: (_request, response) => void response.writeHead(302, { location: '/loop' }).end(),
  nowhere: (_request, response) => void response.writeHead(302).end(),
  inside: (_request, response) => void response.writeHead(302, { location: 'http://169.254.169.254/' }).end(),
  status: (request, response) =>
    void response.writeHead(Number.parseInt(request.url?.split('/')[2] ?? '', 10)).end('what'),
  short(_request, response) {
    response.writeHead(200, { 'content-length': BYTES.length });
    response.write(BYTES.subarray(0, 1000), () => response.destroy());
  },
  elsewhere: partial('bytes 0-4/300000'),
  earlier: partial('bytes 4-9/300000', BYTES.subarray(4, 10)),
  lesser: partial('bytes 5-8/300000', BYTES.subarray(5, 9)),
  more: partial('bytes 5-10/300000', BYTES.subarray(5, 11)),
  mislabelled: partial('bytes 5-9/300000', BYTES.subarray(5, 9), { 'content-length': '4' }),
  undescribed: partial(''),
  overflowing: partial('bytes 5-9/300000', BYTES.subarray(5, 11)),
  lacking: partial('bytes 5-9/300000', BYTES.subarray(5, 9)),
  several: partial('bytes 5-9/300000', PART, { 'content-type': 'multipart/byteranges; boundary=x' }),
  page: whole(BYTES, { 'content-type': 'Text/HTML; charset=utf-8' }),
  gzip: whole(gzipSync(BYTES), { 'content-encoding': 'gzip' }),
  identity: whole(BYTES, { 'content-encoding': 'identity', 'content-type': 'text/plain' }),
  tagged: ranged(BYTES, { etag: '"v1"' }),
  weak: ranged(BYTES, { etag: 'W/"v1"' }),
  forwarding: (_request, response) => void response.writeHead(302, { location: '/matching' }).end(),
  matching(request, response) {
    if ((request.headers['if-match'] ?? '"v2"') === '"v2"') ranged(BYTES, { etag: '"v2"' })(request, response);
    else response.writeHead(412).end();
  },
};

/** A store and a server with these habits; fails the test when a connection stays open. */
async function withSource(body: (store: Store, server: WebServer) => Promise<void>): Promise<void> {
  const { listener } = habits((path) => HABITS[path.split('/')[1] ?? '']);
  const server = await webServer(listener);
  const store = createHttpStore(createGuardedFetch(RULES));
  try {
    await body(store, server);
  } finally {
    await store.close();
    await server.idle();
    await server.close();
  }
}

for (const [habit, size] of [
  ['moved', BYTES.length],
  ['unmeasured', undefined],
  ['identity', BYTES.length],
] as const) {
  test(`reads a source: ${habit}`, async (t) => {
    await withSource(async (store, { url }) => {
      t.is(await store.size(at(`${url}/${habit}`)), size);
      const opened = await store.open(at(`${url}/${habit}`), undefined, calm());
      t.is(opened.size, size);
      t.true((await contents(opened)).equals(BYTES));
    });
  });
}

for (const [habit, size] of [
  ['ranged', BYTES.length],
  ['bytes', BYTES.length],
  ['unmeasured', undefined],
  ['unknowing', undefined],
  ['chunked', BYTES.length],
] as const) {
  test(`reads a range: ${habit}`, async (t) => {
    await withSource(async (store, { url, requests }) => {
      const opened = await store.open(at(`${url}/${habit}`), { start: 5, end: 9 }, calm());
      t.is(opened.size, size);
      t.true((await contents(opened)).equals(PART));
      t.is(requests[0]?.headers.range, 'bytes=5-9');
    });
  });
}

/** Answers of no use: what `open` says of them, and `size`. */
const REFUSALS: readonly [path: string, open: ErrorKind, size: ErrorKind, message: string][] = [
  ['status/404', 'not-found', 'not-found', 'HTTP datastore could not find image at URI.'],
  ['status/410', 'not-found', 'not-found', 'HTTP datastore could not find image at URI.'],
  ...[204, 206, 300, 304, 400, 401, 403, 405, 407, 412, 416, 429, 500, 503].map(
    (status): [string, ErrorKind, ErrorKind, string] => [
      `status/${status}`,
      'storage-unavailable',
      'invalid',
      UNREADABLE,
    ],
  ),
  ['nowhere', 'storage-unavailable', 'invalid', UNREADABLE],
  ['page', 'storage-unavailable', 'invalid', NO_IMAGE],
  ['gzip', 'storage-unavailable', 'invalid', NO_IMAGE],
];
for (const [path, open, size, message] of REFUSALS) {
  test(`a source that answers ${path}, and no word of who it is or what it says`, async (t) => {
    await withSource(async (store, server) => {
      const location = at(`${server.url.replace('//', '//user:secret@')}/${path}?signature=secret`);
      const opened = store.open(location, undefined, calm());
      t.true(isRegistryError(await t.throwsAsync(opened, { message }), open));
      t.true(isRegistryError(await t.throwsAsync(store.size(location), { message }), size));
    });
  });
}

for (const [title, urlOf, message] of [
  ['redirects for ever', (url: string) => `${url}/loop`, 'The source redirects too often.'],
  ['redirects inside', (url: string) => `${url}/inside`, 'The source redirects to a place that is not allowed.'],
  ['is on another host', () => 'http://db.internal/x', "Sources with host 'db.internal' are not allowed."],
] as const) {
  test(`a source that ${title} is bad input for who names it, and nameless for who reads it`, async (t) => {
    await withSource(async (store, { url }) => {
      const location = at(urlOf(url));
      t.true(isRegistryError(await t.throwsAsync(store.size(location), { message }), 'invalid'));
      const open = store.open(location, undefined, calm());
      const nameless = { message: 'The source of the image may not be fetched.' };
      t.true(isRegistryError(await t.throwsAsync(open, nameless), 'invalid'));
    });
  });
}

for (const [habit, message] of [
  ['elsewhere', UNREADABLE],
  ['earlier', UNREADABLE],
  ['lesser', UNREADABLE],
  ['more', UNREADABLE],
  ['mislabelled', UNREADABLE],
  ['undescribed', UNREADABLE],
  ['overflowing', UNREADABLE],
  ['lacking', UNREADABLE],
  ['several', NO_IMAGE],
] as const) {
  test(`bytes that were not asked for are never handed on as the range: ${habit}`, async (t) => {
    await withSource(async (store, { url }) => {
      const read = async () => contents(await store.open(at(`${url}/${habit}`), { start: 5, end: 9 }, calm()));
      t.true(isRegistryError(await t.throwsAsync(read, { message }), 'storage-unavailable'));
    });
  });
}

test('a part is not an image', async (t) => {
  await withSource(async (store, { url }) => {
    const opened = store.open(at(`${url}/chunked`), undefined, calm());
    t.true(isRegistryError(await t.throwsAsync(opened, { message: UNREADABLE }), 'storage-unavailable'));
  });
});

test('a source that breaks off is an error, never a short image', async (t) => {
  await withSource(async (store, { url }) => {
    const opened = await store.open(at(`${url}/short`), undefined, calm());
    t.true(isRegistryError(await t.throwsAsync(contents(opened), { message: BROKEN }), 'storage-unavailable'));
  });
});

test('a range behind the end of a source that knows neither ranges nor its size', async (t) => {
  await withSource(async (store, { url }) => {
    const opened = await store.open(at(`${url}/unmeasured`), { start: 400_000, end: 400_001 }, calm());
    t.true(isRegistryError(await t.throwsAsync(contents(opened)), 'range'));
  });
});

for (const [habit, etag] of [
  ['tagged', '"v1"'],
  ['weak', undefined],
  ['bytes', undefined],
] as const) {
  test(`the strong validator of a source: ${habit}`, async (t) => {
    await withSource(async (store, { url }) => {
      for (const range of [undefined, { start: 5, end: 9 }]) {
        const opened = await store.open(at(`${url}/${habit}`), range, calm());
        t.is(opened.etag, etag);
        await opened.close();
      }
    });
  });
}

const registered = (url: string, etag: string) => ({ ...at(url), external: { ...UNKNOWN_SOURCE, etag } });

for (const [habit, etag, readable] of [
  ['matching', '"v2"', true],
  ['matching', '"v1"', false],
  ['forwarding', '"v2"', true],
  ['forwarding', '"v1"', false],
  // A server that does not look at If-Match.
  ['tagged', '"v1"', true],
  ['tagged', '"v2"', false],
  ['weak', '"v1"', false],
  ['bytes', '"v1"', false],
] as const) {
  test(`a source registered as ${etag}, now ${habit}, is ${readable ? 'read' : 'refused'}`, async (t) => {
    await withSource(async (store, { url, requests }) => {
      for (const range of [undefined, { start: 5, end: 9 }]) {
        const open = store.open(registered(`${url}/${habit}`, etag), range, calm());
        if (readable) t.true((await contents(await open)).equals(range ? PART : BYTES));
        else await t.throwsAsync(open, { instanceOf: SourceChanged });
      }
      for (const { headers } of requests) t.is(headers['if-match'], etag);
    });
  });
}

test('leaving early, closing unread and aborting all close the connection', async (t) => {
  await withSource(async (store, { url }) => {
    const early = await store.open(at(`${url}/bytes`), undefined, calm());
    for await (const chunk of early.bytes) {
      t.true(chunk.byteLength > 0);
      break;
    }
    await (await store.open(at(`${url}/bytes`), undefined, calm())).close();
    await (await store.open(at(`${url}/bytes`), { start: 5, end: 9 }, calm())).close();
    t.true((await contents(await store.open(at(`${url}/bytes`), { start: 5, end: 9 }, calm()))).equals(PART));
    const controller = new AbortController();
    const aborted = await store.open(at(`${url}/bytes`), undefined, controller.signal);
    controller.abort(new Error('enough'));
    await t.throwsAsync(contents(aborted), { message: 'enough' });
  });
});

test('nobody listening: no size for a new image, unavailable for a reader, in the same words', async (t) => {
  const server = await webServer(() => {});
  await server.close();
  const store = createHttpStore(createGuardedFetch(RULES));
  const size = store.size(at(server.url));
  const bad = await t.throwsAsync(size, { message: UNREADABLE });
  t.true(isRegistryError(bad, 'invalid') && isRegistryError(bad.cause, 'storage-unavailable'));
  const open = store.open(at(server.url), undefined, calm());
  t.true(isRegistryError(await t.throwsAsync(open, { message: UNREADABLE }), 'storage-unavailable'));
  await store.close();
});

test('takes no bytes and removes none', async (t) => {
  await withSource(async (store, { url, requests }) => {
    const put = store.put(randomUUID(), chunks(BYTES), { worker: 'w1', signal: calm() });
    const message = 'Error in store configuration. Adding images to store is disabled.';
    t.true(isRegistryError(await t.throwsAsync(put, { message }), 'storage-disabled'));
    t.true(isRegistryError(await t.throwsAsync(store.remove(at(`${url}/bytes`))), 'storage-denied'));
    await store.discard(randomUUID(), 'w1');
    t.deepEqual([store.can.write, store.can.remove], [false, false]);
    t.deepEqual(requests, []);
  });
});
