import { randomBytes, randomUUID } from 'node:crypto';
import test from 'ava';
import { isRegistryError } from '../../../src/domain/errors.js';
import type { Store } from '../../../src/domain/ports/store.js';
import { createGuardedFetch } from '../../../src/net/guarded-fetch.js';
import { DEFAULT_URL_RULES } from '../../../src/net/url-rules.js';
import { createHttpStore } from '../../../stores/http/http-store.js';
import { at, calm, chunks, contents } from '../../suites/store-rig.js';
import { type WebServer, webServer } from '../../suites/store-web-server.js';

const BYTES = randomBytes(300_000);
const RULES = { ...DEFAULT_URL_RULES, allowedHosts: ['127.0.0.1'], allowedPorts: [] };

/** A store and a server with every habit that a source may have; fails the test when a connection stays open. */
async function withSource(body: (store: Store, server: WebServer) => Promise<void>): Promise<void> {
  const server = await webServer((request, response) => {
    const [, habit = '', status = ''] = (request.url ?? '').split(/[/?]/);
    const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '');
    if (habit === 'status') response.writeHead(Number(status)).end('no');
    else if (habit === 'moved') response.writeHead(302, { location: '/bytes' }).end();
    else if (habit === 'loop') response.writeHead(302, { location: '/loop' }).end();
    else if (habit === 'nolength') response.writeHead(200).end(request.method === 'HEAD' ? undefined : BYTES);
    else if (habit === 'short') {
      response.writeHead(200, { 'content-length': BYTES.length });
      response.write(BYTES.subarray(0, 1000), () => response.destroy());
    } else if (habit === 'ranged' && range) {
      const [start, end] = [Number(range[1]), Math.min(Number(range[2]), BYTES.length - 1)];
      response.writeHead(206, {
        'content-range': `bytes ${start}-${end}/${BYTES.length}`,
        'content-length': end + 1 - start,
      });
      response.end(BYTES.subarray(start, end + 1));
    } else if (habit === 'wrong' && range) {
      response.writeHead(206, { 'content-range': `bytes 0-9/${BYTES.length}` }).end(BYTES.subarray(0, 10));
    } else response.writeHead(200, { 'content-length': BYTES.length }).end(BYTES);
  });
  const store = createHttpStore(createGuardedFetch(RULES));
  try {
    await body(store, server);
  } finally {
    await store.close();
    await server.idle();
    await server.close();
  }
}

for (const habit of ['bytes', 'moved', 'nolength']) {
  test(`reads a source: ${habit}`, async (t) => {
    await withSource(async (store, { url }) => {
      const size = habit === 'nolength' ? undefined : BYTES.length;
      t.is(await store.size(at(`${url}/${habit}`)), size);
      const opened = await store.open(at(`${url}/${habit}`), undefined, calm());
      t.is(opened.size, size);
      t.true((await contents(opened)).equals(BYTES));
      await opened.close();
    });
  });
}

for (const habit of ['ranged', 'bytes']) {
  for (const [start, end] of [
    [0, 0],
    [299_999, 299_999],
    [70_000, 200_000],
    [100, 999_999],
  ] as const) {
    test(`reads bytes ${start} to ${end}: ${habit}`, async (t) => {
      await withSource(async (store, { url }) => {
        const opened = await store.open(at(`${url}/${habit}`), { start, end }, calm());
        t.is(opened.size, BYTES.length);
        t.true((await contents(opened)).equals(BYTES.subarray(start, end + 1)));
      });
    });
  }
}

for (const [path, kind, message] of [
  ['status/404', 'not-found', /^HTTP datastore could not find image at URI\.$/],
  ['status/410', 'not-found', /^HTTP datastore could not find image at URI\.$/],
  ['status/403', 'invalid', /^HTTP URL http:\/\/127\.0\.0\.1:\d+\/status\/403 returned a 403 status code\.$/],
  ['status/500', 'invalid', /returned a 500 status code\.$/],
  ['status/204', 'invalid', /returned a 204 status code\.$/],
  ['status/416', 'range', /range/],
  ['loop', 'invalid', /redirects too often/],
] as const) {
  test(`a source that answers ${path}`, async (t) => {
    await withSource(async (store, server) => {
      const location = at(`${server.url.replace('//', '//user:secret@')}/${path}?signature=secret`);
      for (const act of [() => store.open(location, undefined, calm()), () => store.size(location)]) {
        t.true(isRegistryError(await t.throwsAsync(act, { message }), kind));
      }
    });
  });
}

test('a source that breaks off is an error, never a short image', async (t) => {
  await withSource(async (store, { url }) => {
    const opened = await store.open(at(`${url}/short`), undefined, calm());
    t.true(isRegistryError(await t.throwsAsync(contents(opened)), 'storage-unavailable'));
  });
});

test('a source that answers with other bytes than asked for is refused', async (t) => {
  await withSource(async (store, { url }) => {
    const open = store.open(at(`${url}/wrong`), { start: 5, end: 9 }, calm());
    t.true(isRegistryError(await t.throwsAsync(open), 'storage-unavailable'));
  });
});

test('a range behind the end of a source that knows no ranges', async (t) => {
  await withSource(async (store, { url }) => {
    const opened = await store.open(at(`${url}/bytes`), { start: 400_000, end: 400_001 }, calm());
    t.true(isRegistryError(await t.throwsAsync(contents(opened)), 'range'));
  });
});

test('leaving early, closing unread and aborting all close the connection', async (t) => {
  await withSource(async (store, { url }) => {
    const early = await store.open(at(`${url}/bytes`), undefined, calm());
    for await (const chunk of early.bytes) {
      t.true(chunk.byteLength > 0);
      break;
    }
    await (await store.open(at(`${url}/bytes`), undefined, calm())).close();
    const controller = new AbortController();
    const aborted = await store.open(at(`${url}/bytes`), undefined, controller.signal);
    controller.abort(new Error('enough'));
    await t.throwsAsync(contents(aborted), { message: 'enough' });
  });
});

test('nobody listening: no size for a new image, unavailable for a reader', async (t) => {
  const server = await webServer(() => {});
  await server.close();
  const store = createHttpStore(createGuardedFetch(RULES));
  t.true(isRegistryError(await t.throwsAsync(store.size(at(server.url))), 'invalid'));
  const open = store.open(at(server.url), undefined, calm());
  t.true(isRegistryError(await t.throwsAsync(open), 'storage-unavailable'));
  await store.close();
});

test('takes no bytes and removes none', async (t) => {
  await withSource(async (store, { url }) => {
    const put = store.put(randomUUID(), chunks(BYTES), { worker: 'w1', signal: calm() });
    const message = 'Error in store configuration. Adding images to store is disabled.';
    t.true(isRegistryError(await t.throwsAsync(put, { message }), 'storage-disabled'));
    t.true(isRegistryError(await t.throwsAsync(store.remove(at(`${url}/bytes`))), 'storage-denied'));
    await store.discard(randomUUID(), 'w1');
    t.deepEqual([store.can.write, store.can.remove], [false, false]);
  });
});
