import { randomBytes, randomUUID } from 'node:crypto';
import { isRegistryError } from '../../src/domain/errors.js';
import type { ImageStanding } from '../../src/domain/ports/images.js';
import type { Store } from '../../src/domain/ports/store.js';
import { readableStoreSuite } from './store-reads.js';
import { at, calm, checks, chunks, contents, pieces, type StoreRig } from './store-rig.js';

/** What every store that can be written must satisfy. */
export function storeSuite(name: string, make: () => Promise<StoreRig>): void {
  readableStoreSuite(name, async () => {
    const rig = await make();
    const place = async (bytes: Uint8Array) => (await put(rig.store, randomUUID(), chunks(bytes))).url;
    const absent = at(await place(Buffer.from('x')));
    await rig.store.remove(absent);
    return { ...rig, place, absent: absent.url };
  });

  const check = checks(name, make);
  const put = (store: Store, key: string, bytes: AsyncIterable<Uint8Array>, signal = calm()) =>
    store.put(key, bytes, { worker: 'w1', signal });

  check('takes an object of many parts, of announced and of unknown length, in pieces of any size', async (t, rig) => {
    const { store, partBytes } = rig;
    const bytes = randomBytes(5 * partBytes + 7);
    for (const size of [undefined, bytes.length]) {
      const hint = { worker: 'w1', signal: calm(), ...(size === undefined ? {} : { size }) };
      const { url, size: written } = await store.put(randomUUID(), pieces(bytes, 777_777), hint);
      t.is(written, bytes.length);
      t.true((await contents(await store.open(at(url), undefined, calm()))).equals(bytes));
    }
  });

  check('takes pieces of no bytes', async (t, { store }) => {
    const bytes = randomBytes(100);
    const { url } = await put(
      store,
      randomUUID(),
      chunks(bytes.subarray(0, 1), bytes.subarray(1, 1), bytes.subarray(1)),
    );
    t.true((await contents(await store.open(at(url), undefined, calm()))).equals(bytes));
  });

  check('keeps nothing of a source that fails after several parts', async (t, { store, partBytes }) => {
    const key = randomUUID();
    const broken = new Error('broken late');
    const source = async function* () {
      yield* pieces(randomBytes(2 * partBytes + 1), 1_000_000);
      throw broken;
    };
    t.is(await t.throwsAsync(put(store, key, source())), broken);
    t.is((await put(store, key, chunks(Buffer.from('again')))).size, 5);
  });

  check('copies chunks whose memory is used again', async (t, { store }) => {
    const reused = Buffer.alloc(1000);
    const source = async function* () {
      for (const value of [1, 2, 3]) yield reused.fill(value);
    };
    const stored = await put(store, randomUUID(), source());
    const found = await contents(await store.open(at(stored.url), undefined, calm()));
    t.deepEqual([found[0], found[1000], found[2999]], [1, 2, 3]);
  });

  check('refuses a second object under one key and keeps the first', async (t, { store }) => {
    const key = randomUUID();
    const { url } = await put(store, key, chunks(Buffer.from('first')));
    t.true(isRegistryError(await t.throwsAsync(put(store, key, chunks(Buffer.from('second')))), 'duplicate'));
    t.is((await contents(await store.open(at(url), undefined, calm()))).toString(), 'first');
  });

  check('lets one of two puts under one key win', async (t, { store }) => {
    const key = randomUUID();
    const outcomes = await Promise.allSettled([
      store.put(key, chunks(Buffer.from('same')), { worker: 'w1', signal: calm() }),
      store.put(key, chunks(Buffer.from('same')), { worker: 'w2', signal: calm() }),
    ]);
    t.deepEqual(outcomes.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
    const [lost] = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
    t.true(isRegistryError(lost, 'duplicate'));
  });

  check('keeps nothing of a source that fails, and passes its error on', async (t, { store }) => {
    const key = randomUUID();
    const broken = Object.assign(new Error('broken'), { code: 'ECONNRESET' });
    const source = async function* () {
      yield randomBytes(100_000);
      throw broken;
    };
    t.is(await t.throwsAsync(put(store, key, source())), broken);
    t.is((await put(store, key, chunks(Buffer.from('again')))).size, 5);
  });

  check('keeps nothing of an aborted put', async (t, { store }) => {
    const key = randomUUID();
    const controller = new AbortController();
    const source = async function* () {
      yield randomBytes(100_000);
      controller.abort(new Error('stop'));
      yield randomBytes(100_000);
    };
    await t.throwsAsync(put(store, key, source(), controller.signal), { message: 'stop' });
    await t.throwsAsync(put(store, key, chunks(), controller.signal), { message: 'stop' });
    const atTheEnd = new AbortController();
    const last = async function* () {
      yield randomBytes(10);
      atTheEnd.abort(new Error('stop at the end'));
    };
    await t.throwsAsync(put(store, key, last(), atTheEnd.signal), { message: 'stop at the end' });
    t.is((await put(store, key, chunks(Buffer.from('again')))).size, 5);
  });

  check('shows nothing before the put is over', async (t, { store }) => {
    const key = randomUUID();
    const before = await put(store, randomUUID(), chunks(Buffer.from('x')));
    const url = before.url.replace(/[^/]+$/, key);
    const source = async function* () {
      yield randomBytes(10);
      t.true(isRegistryError(await t.throwsAsync(store.size(at(url))), 'not-found'));
    };
    t.is((await put(store, key, source())).url, url);
    t.is(await store.size(at(url)), 10);
  });

  check('says not-found for removing what is not there, invalid for what is not its own', async (t, { store }) => {
    const { url } = await put(store, randomUUID(), chunks(Buffer.from('x')));
    await store.remove(at(url));
    for (const [location, expected] of [
      [url, 'not-found'],
      ['other://somewhere/x', 'invalid'],
      ['nonsense', 'invalid'],
    ] as const) {
      t.true(isRegistryError(await t.throwsAsync(store.remove(at(location))), expected), location);
    }
  });

  for (const key of [
    '',
    '.',
    '..',
    '../x',
    'x',
    '/etc/passwd',
    `${randomUUID()}\0`,
    `${randomUUID()}/..`,
    `.${randomUUID()}`,
  ]) {
    check(
      `refuses the key ${JSON.stringify(key).replaceAll(/[0-9a-f]{8}-[-0-9a-f]{27}/g, 'UUID')}`,
      async (t, { store }) => {
        t.true(isRegistryError(await t.throwsAsync(put(store, key, chunks(Buffer.from('x')))), 'invalid'));
      },
    );
  }

  check('takes UUIDs in every form that Glance takes', async (t, { store }) => {
    const id = randomUUID();
    for (const key of [id, id.toUpperCase().replace(/^./, 'A'), id.replaceAll('-', '')]) {
      const { url } = await put(store, key, chunks(Buffer.from(key)));
      t.is((await contents(await store.open(at(url), undefined, calm()))).toString(), key);
    }
  });

  check('sweeps objects whose image has no bytes, and counts those of unknown images', async (t, { store }) => {
    const standings: readonly (ImageStanding | undefined)[] = ['stored', 'in-progress', 'empty', undefined];
    const known = new Map<string, ImageStanding>();
    const urls: string[] = [];
    for (const standing of standings) {
      const key = randomUUID();
      if (standing) known.set(key, standing);
      urls.push((await put(store, key, chunks(Buffer.from('x')))).url);
    }
    const report = await store.sweep?.({
      standing: async (ids) => new Map([...known].filter(([id]) => ids.includes(id))),
      aliveWorkers: async () => new Set(),
    });
    t.deepEqual(report, { removed: 1, unknown: 1 });
    const sizes = await Promise.allSettled(urls.map((url) => store.size(at(url))));
    t.deepEqual(
      sizes.map(({ status }) => status),
      ['fulfilled', 'fulfilled', 'rejected', 'fulfilled'],
    );
  });

  check('discards what an upload left, quietly when there is nothing', async (t, { store }) => {
    const key = randomUUID();
    const { url } = await put(store, key, chunks(Buffer.from('x')));
    await store.discard(key, 'w1');
    await store.discard(key, 'w1');
    t.true(isRegistryError(await t.throwsAsync(store.size(at(url))), 'not-found'));
  });
}
