import { randomBytes, randomUUID } from 'node:crypto';
import test, { type ExecutionContext } from 'ava';
import { isRegistryError } from '../../src/domain/errors.js';
import type { ImageStanding } from '../../src/domain/ports/images.js';
import type { ByteRange, Opened, Store } from '../../src/domain/ports/store.js';

/** A store under test, what shows what it left behind, and its end. */
export interface StoreRig {
  readonly store: Store;
  /** Names of everything it holds and everything it has open, finished objects excluded. */
  leftovers(): Promise<readonly string[]>;
  dispose(): Promise<void>;
}

export async function* chunks(...parts: readonly Uint8Array[]): AsyncGenerator<Uint8Array, void, undefined> {
  yield* parts;
}

export async function contents(opened: Opened): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const chunk of opened.bytes) parts.push(Buffer.from(chunk));
  return Buffer.concat(parts);
}

export const at = (url: string) => ({ url, metadata: {}, status: 'active' }) as const;

/** A new signal that nobody aborts. */
export const calm = (): AbortSignal => new AbortController().signal;

/** What every store that can be written must satisfy. */
export function storeSuite(name: string, make: () => Promise<StoreRig>): void {
  const check = (title: string, body: (t: ExecutionContext, store: Store) => Promise<void>): void => {
    test(`${name}: ${title}`, async (t) => {
      const rig = await make();
      try {
        await body(t, rig.store);
        t.deepEqual(await rig.leftovers(), [], 'nothing is left behind');
      } finally {
        await rig.dispose();
      }
    });
  };
  const put = (store: Store, key: string, bytes: AsyncIterable<Uint8Array>, signal = calm()) =>
    store.put(key, bytes, { worker: 'w1', signal });

  check('gives back what it took, in chunks of any size', async (t, store) => {
    const bytes = randomBytes(2_500_000);
    const stored = await put(
      store,
      randomUUID(),
      chunks(bytes.subarray(0, 1), bytes.subarray(1, 1), bytes.subarray(1)),
    );
    t.is(stored.size, bytes.length);
    t.is(await store.size(at(stored.url)), bytes.length);
    const opened = await store.open(at(stored.url), undefined, calm());
    t.is(opened.size, bytes.length);
    t.true((await contents(opened)).equals(bytes));
    await opened.close();
  });

  check('takes an object of no bytes', async (t, store) => {
    const stored = await put(store, randomUUID(), chunks());
    t.is(stored.size, 0);
    t.is((await contents(await store.open(at(stored.url), undefined, calm()))).length, 0);
  });

  check('copies chunks whose memory is used again', async (t, store) => {
    const reused = Buffer.alloc(1000);
    const source = async function* () {
      for (const value of [1, 2, 3]) yield reused.fill(value);
    };
    const stored = await put(store, randomUUID(), source());
    const found = await contents(await store.open(at(stored.url), undefined, calm()));
    t.deepEqual([found[0], found[1000], found[2999]], [1, 2, 3]);
  });

  const ranges: readonly [ByteRange, string | 'range'][] = [
    [{ start: 0, end: 0 }, '0'],
    [{ start: 0, end: 9 }, '0123456789'],
    [{ start: 9, end: 9 }, '9'],
    [{ start: 3, end: 5 }, '345'],
    [{ start: 8, end: 99 }, '89'],
    [{ start: 10, end: 10 }, 'range'],
    [{ start: 5, end: 4 }, 'range'],
    [{ start: -1, end: 4 }, 'range'],
  ];
  for (const [range, expected] of ranges) {
    check(`range ${range.start} to ${range.end} of ten bytes`, async (t, store) => {
      const { url } = await put(store, randomUUID(), chunks(Buffer.from('0123456789')));
      const open = store.open(at(url), range, calm());
      if (expected === 'range') {
        t.true(isRegistryError(await t.throwsAsync(open), 'range'));
        return;
      }
      const opened = await open;
      t.is(opened.size, 10);
      t.is((await contents(opened)).toString(), expected);
    });
  }

  check('closes the source when the reader leaves early', async (t, store) => {
    const { url } = await put(store, randomUUID(), chunks(randomBytes(1_000_000)));
    const opened = await store.open(at(url), undefined, calm());
    for await (const chunk of opened.bytes) {
      t.true(chunk.byteLength > 0);
      break;
    }
    const unread = await store.open(at(url), undefined, calm());
    await unread.close();
    await unread.close();
  });

  check('fails a read whose signal is aborted', async (t, store) => {
    const { url } = await put(store, randomUUID(), chunks(randomBytes(1000)));
    const aborted = new AbortController();
    aborted.abort(new Error('enough'));
    await t.throwsAsync(store.open(at(url), undefined, aborted.signal), { message: 'enough' });
    const later = new AbortController();
    const opened = await store.open(at(url), undefined, later.signal);
    later.abort(new Error('enough now'));
    await t.throwsAsync(contents(opened), { message: 'enough now' });
  });

  check('refuses a second object under one key and keeps the first', async (t, store) => {
    const key = randomUUID();
    const { url } = await put(store, key, chunks(Buffer.from('first')));
    t.true(isRegistryError(await t.throwsAsync(put(store, key, chunks(Buffer.from('second')))), 'duplicate'));
    t.is((await contents(await store.open(at(url), undefined, calm()))).toString(), 'first');
  });

  check('lets one of two puts under one key win', async (t, store) => {
    const key = randomUUID();
    const outcomes = await Promise.allSettled([
      store.put(key, chunks(Buffer.from('same')), { worker: 'w1', signal: calm() }),
      store.put(key, chunks(Buffer.from('same')), { worker: 'w2', signal: calm() }),
    ]);
    t.deepEqual(outcomes.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
    const [lost] = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
    t.true(isRegistryError(lost, 'duplicate'));
  });

  check('keeps nothing of a source that fails, and passes its error on', async (t, store) => {
    const key = randomUUID();
    const broken = Object.assign(new Error('broken'), { code: 'ECONNRESET' });
    const source = async function* () {
      yield randomBytes(100_000);
      throw broken;
    };
    t.is(await t.throwsAsync(put(store, key, source())), broken);
    t.is((await put(store, key, chunks(Buffer.from('again')))).size, 5);
  });

  check('keeps nothing of an aborted put', async (t, store) => {
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

  check('shows nothing before the put is over', async (t, store) => {
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

  check('says not-found for what is not there, invalid for what is not its own', async (t, store) => {
    const { url } = await put(store, randomUUID(), chunks(Buffer.from('x')));
    await store.remove(at(url));
    for (const [location, expected] of [
      [url, 'not-found'],
      ['other://somewhere/x', 'invalid'],
      ['nonsense', 'invalid'],
    ] as const) {
      for (const act of [
        () => store.open(at(location), undefined, calm()),
        () => store.size(at(location)),
        () => store.remove(at(location)),
      ]) {
        t.true(isRegistryError(await t.throwsAsync(act), expected), location);
      }
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
      async (t, store) => {
        t.true(isRegistryError(await t.throwsAsync(put(store, key, chunks(Buffer.from('x')))), 'invalid'));
      },
    );
  }

  check('takes UUIDs in every form that Glance takes', async (t, store) => {
    const id = randomUUID();
    for (const key of [id, id.toUpperCase().replace(/^./, 'A'), id.replaceAll('-', '')]) {
      const { url } = await put(store, key, chunks(Buffer.from(key)));
      t.is((await contents(await store.open(at(url), undefined, calm()))).toString(), key);
    }
  });

  check('sweeps objects whose image has no bytes, and counts those of unknown images', async (t, store) => {
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

  check('discards what an upload left, quietly when there is nothing', async (t, store) => {
    const key = randomUUID();
    const { url } = await put(store, key, chunks(Buffer.from('x')));
    await store.discard(key, 'w1');
    await store.discard(key, 'w1');
    t.true(isRegistryError(await t.throwsAsync(store.size(at(url))), 'not-found'));
  });
}
