import { randomBytes, randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { createFileCache } from '../../src/cache/file-cache.js';
import { isRegistryError } from '../../src/domain/errors.js';
import type { LocationCache } from '../../src/domain/ports/location-cache.js';
import type { Opened } from '../../src/domain/ports/store.js';
import { openFiles } from '../suites/store-folder.js';
import { calm, contents, pieces } from '../suites/store-rig.js';
import { quietLog } from '../support/quiet-log.js';

interface Rig {
  readonly cache: LocationCache;
  readonly folder: string;
  /** The folder of what is kept. */
  readonly whole: string;
  /** Names of what is kept. */
  kept(): Promise<string[]>;
}

/** A cache in a folder of its own; fails the test when it leaves an unfinished file or an open one. */
async function withCache(t: ExecutionContext, body: (rig: Rig) => Promise<void>, maxBytes = 1_000_000): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'glimpse-cache-'));
  const cache = await createFileCache({ folder, maxBytes, log: quietLog([]) });
  try {
    await body({
      cache,
      folder,
      whole: join(folder, 'whole'),
      kept: async () => (await readdir(join(folder, 'whole'))).sort(),
    });
    await cache.close();
    t.deepEqual(await readdir(join(folder, 'incomplete')), []);
    t.deepEqual(await openFiles(folder), []);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** An origin that counts how often it is asked. Each piece waits for `gate`. */
function origin(bytes: Buffer, gate: () => Promise<void> = async () => {}) {
  const state = { fetches: 0, closed: 0 };
  const fetch = async (signal: AbortSignal): Promise<Opened> => {
    state.fetches += 1;
    const body = async function* () {
      for await (const piece of pieces(bytes, 1000)) {
        await gate();
        signal.throwIfAborted();
        yield piece;
      }
    };
    return {
      bytes: body(),
      size: bytes.length,
      close: async () => {
        state.closed += 1;
      },
    };
  };
  return { state, fetch };
}

async function read(opened: Opened | undefined): Promise<Buffer | undefined> {
  if (opened === undefined) return undefined;
  try {
    return await contents(opened);
  } finally {
    await opened.close();
  }
}

test('the first reading fills, later ones do not ask the origin', (t) =>
  withCache(t, async ({ cache, kept }) => {
    const [id, bytes] = [randomUUID(), randomBytes(10_500)];
    const { state, fetch } = origin(bytes);
    t.true((await read(await cache.open(id, undefined, calm(), fetch)))?.equals(bytes));
    await cache.close();
    t.deepEqual(await kept(), [id]);
    const again = await cache.open(id, { start: 999, end: 1000 }, calm(), () => Promise.reject(new Error('asked')));
    t.is(again?.size, bytes.length);
    t.true((await read(again))?.equals(bytes.subarray(999, 1001)));
    t.deepEqual(state, { fetches: 1, closed: 1 });
  }));

test('many readers share one fetch, whichever part they want and whoever leaves', (t) =>
  withCache(t, async ({ cache, kept }) => {
    const [id, bytes] = [randomUUID(), randomBytes(50_000)];
    let open = (): void => {};
    const opened = new Promise<void>((resolve) => {
      open = resolve;
    });
    const { state, fetch } = origin(bytes, () => opened);
    const impatient = new AbortController();
    const leaving = read(await cache.open(id, undefined, impatient.signal, fetch));
    const readers = [undefined, { start: 49_000, end: 60_000 }, { start: 0, end: 0 }, undefined].map(async (range) =>
      read(await cache.open(id, range, calm(), fetch)),
    );
    impatient.abort(new Error('enough'));
    await t.throwsAsync(leaving, { message: 'enough' });
    open();
    const [whole, tail, first, other] = await Promise.all(readers);
    t.true(whole?.equals(bytes) && other?.equals(bytes));
    t.true(tail?.equals(bytes.subarray(49_000)) && first?.equals(bytes.subarray(0, 1)));
    t.is(state.fetches, 1);
    await cache.close();
    t.deepEqual(await kept(), [id]);
  }));

test('an origin that fails half way fails its readers, and nothing is kept', (t) =>
  withCache(t, async ({ cache, kept }) => {
    const id = randomUUID();
    const broken = async (): Promise<Opened> => ({
      bytes: (async function* () {
        yield randomBytes(5000);
        throw new Error('broken off');
      })(),
      size: 10_000,
      close: async () => {},
    });
    await t.throwsAsync(async () => read(await cache.open(id, undefined, calm(), broken)), { message: 'broken off' });
    await t.throwsAsync(
      cache.open(id, undefined, calm(), () => Promise.reject(new Error('no route'))),
      {
        message: 'no route',
      },
    );
    t.deepEqual(await kept(), []);
    const { fetch } = origin(randomBytes(10));
    t.is((await read(await cache.open(id, undefined, calm(), fetch)))?.length, 10, 'the next reading tries again');
  }));

test('what was not read for longest goes first', (t) =>
  withCache(
    t,
    async ({ cache, whole, kept }) => {
      const ids = [randomUUID(), randomUUID(), randomUUID()];
      for (const [age, id] of ids.entries()) {
        await read(await cache.open(id, undefined, calm(), origin(randomBytes(400)).fetch));
        await cache.close();
        if (age < 2) await utimes(join(whole, id), new Date(1000 + age), new Date());
        if (age === 1) await read(await cache.open(ids[0] ?? '', undefined, calm(), () => Promise.reject()));
      }
      t.deepEqual(await kept(), [ids[0], ids[2]].sort());
    },
    1000,
  ));

test("an operator's other files in the folder are neither given to readers nor evicted", (t) =>
  withCache(
    t,
    async ({ cache, folder }) => {
      const [image, id] = [randomUUID(), randomUUID()];
      await writeFile(join(folder, image), 'an image of a store'.repeat(100));
      await read(await cache.open(id, undefined, calm(), origin(randomBytes(900)).fetch));
      t.is(
        (await read(await cache.open(image, undefined, calm(), origin(Buffer.from('own')).fetch)))?.toString(),
        'own',
      );
      await cache.close();
      t.true((await readdir(folder)).includes(image));
    },
    1000,
  ));

test('what cannot be kept is left to the reader', (t) =>
  withCache(
    t,
    async ({ cache, folder }) => {
      const large = origin(randomBytes(1001));
      t.is(await cache.open(randomUUID(), undefined, calm(), large.fetch), undefined);
      t.is(large.state.closed, 1);
      const id = randomUUID();
      await writeFile(join(folder, 'incomplete', id), 'another process is at it');
      t.is(await cache.open(id, undefined, calm(), origin(randomBytes(10)).fetch), undefined);
      await utimes(join(folder, 'incomplete', id), new Date(0), new Date(0));
      const taken = await read(await cache.open(id, undefined, calm(), origin(randomBytes(10)).fetch));
      t.is(taken?.length, 10, 'a process that died gives way');
    },
    1000,
  ));

test('a copy that has lost bytes is fetched again', (t) =>
  withCache(t, async ({ cache, whole }) => {
    const [id, bytes] = [randomUUID(), randomBytes(2000)];
    await writeFile(join(whole, id), bytes.subarray(0, 1500));
    const range = { start: 1600, end: 1700 };
    const opened = await cache.open(id, range, calm(), origin(bytes).fetch, bytes.length);
    t.true((await read(opened))?.equals(bytes.subarray(1600, 1701)));
  }));

test('what the disk has no room for is left to the reader', (t) =>
  withCache(
    t,
    async ({ cache }) => {
      const huge = async (): Promise<Opened> => ({ ...(await origin(randomBytes(10)).fetch(calm())), size: 2 ** 52 });
      t.is(await cache.open(randomUUID(), undefined, calm(), huge), undefined);
    },
    2 ** 53 - 1,
  ));

for (const outcome of ['whole', 'broken off']) {
  test(`a process that wakes up late leaves its successor's unfinished file alone, ${outcome}`, (t) =>
    withCache(t, async ({ cache, folder, kept }) => {
      const [id, bytes] = [randomUUID(), randomBytes(3000)];
      const path = join(folder, 'incomplete', id);
      let wake = (): void => {};
      const awake = new Promise<void>((resolve) => {
        wake = resolve;
      });
      const { fetch } = origin(bytes, async () => {
        await awake;
        if (outcome !== 'whole') throw new Error('broken off');
      });
      const opened = await cache.open(id, undefined, calm(), fetch);
      await rm(path);
      await writeFile(path, 'half');
      wake();
      await read(opened).catch(() => {});
      await cache.close();
      t.deepEqual(await kept(), []);
      t.is(await readFile(path, 'utf8'), 'half');
      await rm(path);
    }));
}

test('a range that does not fit is refused, filled or not', (t) =>
  withCache(t, async ({ cache }) => {
    const id = randomUUID();
    const { fetch } = origin(randomBytes(100));
    for (const turn of ['fetching', 'kept']) {
      const error = await t.throwsAsync(cache.open(id, { start: 100, end: 200 }, calm(), fetch), undefined, turn);
      t.true(isRegistryError(error, 'range'), turn);
      await read(await cache.open(id, undefined, calm(), fetch));
    }
  }));

test('an image that goes takes its bytes along, and breaks off their fetch', (t) =>
  withCache(t, async ({ cache, kept }) => {
    const id = randomUUID();
    await read(await cache.open(id, undefined, calm(), origin(randomBytes(10)).fetch));
    await cache.drop(id);
    await cache.drop(id);
    t.deepEqual(await kept(), []);
    const endless = async (signal: AbortSignal): Promise<Opened> => ({
      bytes: (async function* () {
        yield randomBytes(10);
        signal.throwIfAborted();
        await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
      })(),
      size: 100,
      close: async () => {},
    });
    const opened = await cache.open(id, undefined, calm(), endless);
    const reading = opened?.bytes[Symbol.asyncIterator]();
    t.is((await reading?.next())?.value?.byteLength, 10);
    await cache.drop(id);
    t.true(isRegistryError(await t.throwsAsync(async () => reading?.next()), 'storage-unavailable'));
  }));

test('paths come from UUIDs only', (t) =>
  withCache(t, async ({ cache, whole }) => {
    await mkdir(join(whole, 'x'));
    for (const id of ['', '..', '../x', 'x', 'incomplete', `${randomUUID()}/..`]) {
      const error = await t.throwsAsync(cache.open(id, undefined, calm(), origin(randomBytes(1)).fetch));
      t.true(isRegistryError(error, 'invalid'), id);
    }
  }));
