import { createHash, randomBytes } from 'node:crypto';
import { request } from 'node:http';
import { PassThrough, Readable } from 'node:stream';
import test from 'ava';
import { isRegistryError, RegistryError } from '../../src/domain/errors.js';
import type { Hasher } from '../../src/domain/ports/hasher.js';
import { createHasher, createInlineHasher } from '../../src/hashing/hasher.js';
import { pump } from '../../src/stream/pump.js';
import { createSlabPool, type Slab, type SlabPool } from '../../src/stream/slabs.js';
import { webServer } from '../suites/store-web-server.js';

const MIB = 1024 * 1024;

async function collect(bytes: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const chunk of bytes) parts.push(Buffer.from(chunk));
  return Buffer.concat(parts);
}

/** Options of a pump, and the number of slabs that are out. */
function rig() {
  const inner = createSlabPool();
  let out = 0;
  const pool: SlabPool = {
    take(held) {
      out += 1;
      return inner.take(held);
    },
    give(slab: Slab) {
      out -= 1;
      inner.give(slab);
    },
  };
  const controller = new AbortController();
  const hasher = createInlineHasher();
  return { controller, out: () => out, base: { signal: controller.signal, hasher, algorithms: ['md5'], pool } };
}

async function* cut(bytes: Buffer, size: number): AsyncGenerator<Buffer, void, undefined> {
  for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size);
}

for (const total of [0, 1, MIB, 9 * MIB + 17]) {
  for (const kind of ['readable', 'iterable'] as const) {
    test(`${total} bytes of a ${kind}: size, digests, result and counts`, async (t) => {
      const hasher = createHasher();
      const { base, out } = rig();
      const bytes = randomBytes(total);
      const source =
        kind === 'iterable' ? cut(bytes, 70_000) : Readable.from(cut(bytes, 70_000), { objectMode: false });
      const counts: number[] = [];
      const pumped = await pump(source, {
        ...base,
        hasher,
        algorithms: ['md5', 'sha512'],
        onBytes: async (sum) => {
          counts.push(sum);
        },
        sink: collect,
      });
      t.true(pumped.result.equals(bytes));
      t.is(pumped.size, total);
      t.deepEqual(
        pumped.digests,
        ['md5', 'sha512'].map((name) => createHash(name).update(bytes).digest('hex')),
      );
      t.is(counts.at(-1) ?? 0, total);
      await hasher.close();
      t.is(out(), 0);
    });
  }
}

test('a refused count reaches the sink and the caller, before the sink sees the bytes', async (t) => {
  const { base, out } = rig();
  const tooLarge = new RegistryError('too-large', 'no');
  let seen = 0;
  let sinkError: unknown;
  const source = new PassThrough();
  source.write(Buffer.alloc(3 * MIB));
  const pumped = pump(source, {
    ...base,
    onBytes(total) {
      if (total > 2 * MIB) throw tooLarge;
    },
    async sink(bytes) {
      try {
        for await (const chunk of bytes) seen += chunk.byteLength;
      } catch (error) {
        sinkError = error;
        throw error;
      }
    },
  });
  t.is(await t.throwsAsync(pumped), tooLarge);
  t.is(sinkError, tooLarge);
  t.is(seen, 2 * MIB);
  t.is(out(), 0);
  t.false(source.destroyed, 'its owner can still answer');
  t.deepEqual([source.listenerCount('data'), source.listenerCount('error')], [0, 0]);
  source.destroy();
});

test('a sink that fails stops the source', async (t) => {
  const { base, out } = rig();
  const full = new RegistryError('storage-full', 'full');
  let closed = false;
  const endless = async function* () {
    try {
      for (;;) yield Buffer.alloc(MIB);
    } finally {
      closed = true;
    }
  };
  const sink = async (bytes: AsyncIterable<Uint8Array>): Promise<void> => {
    for await (const chunk of bytes) if (chunk.byteLength > 0) throw full;
  };
  t.is(await t.throwsAsync(pump(endless(), { ...base, sink })), full);
  await new Promise((resolve) => setImmediate(resolve));
  t.true(closed);
  t.is(out(), 0);
});

test('a sink that leaves bytes behind is an error', async (t) => {
  const { base } = rig();
  const sink = async (bytes: AsyncIterable<Uint8Array>): Promise<void> => {
    for await (const chunk of bytes) if (chunk.byteLength > 0) break;
  };
  const error = await t.throwsAsync(pump(cut(Buffer.alloc(3 * MIB), MIB), { ...base, sink }));
  t.true(isRegistryError(error, 'storage-unavailable'));
});

test('hashing that fails at the end fails the sink too', async (t) => {
  const { base, out } = rig();
  const lost = new Error('thread lost');
  const hasher: Hasher = {
    start: () => ({ update() {}, finish: () => Promise.reject(lost), abort() {} }),
    close: async () => {},
  };
  let kept = false;
  const sink = async (bytes: AsyncIterable<Uint8Array>): Promise<void> => {
    await collect(bytes);
    kept = true;
  };
  t.is(await t.throwsAsync(pump(cut(Buffer.alloc(10), 10), { ...base, hasher, sink })), lost);
  t.false(kept);
  t.is(out(), 0);
});

test('an abort fails a pump that waits for its source', async (t) => {
  const { base, controller, out } = rig();
  const source = new PassThrough();
  source.write('x');
  const pumped = pump(source, { ...base, sink: collect });
  setImmediate(() => controller.abort(new Error('enough')));
  await t.throwsAsync(pumped, { message: 'enough' });
  t.is(out(), 0);
  source.destroy();
  await t.throwsAsync(pump(source, { ...base, sink: collect }), { message: 'enough' });
});

test('the errors of a source that knows them pass as they are', async (t) => {
  const { base } = rig();
  const broken = new RegistryError('storage-unavailable', 'broken off');
  const source = async function* () {
    yield Buffer.alloc(10);
    throw broken;
  };
  t.is(await t.throwsAsync(pump(source(), { ...base, sink: collect })), broken);
});

test('a readable that was over, or destroyed, before the pump began', async (t) => {
  const { base } = rig();
  const over = Readable.from([]);
  await collect(over);
  t.is((await pump(over, { ...base, sink: collect })).size, 0);
  const destroyed = new PassThrough().destroy();
  t.true(isRegistryError(await t.throwsAsync(pump(destroyed, { ...base, sink: collect })), 'client-closed'));
});

test('a client that goes away in its body is client-closed', async (t) => {
  const { base, out } = rig();
  let ended = (_outcome: Promise<unknown>): void => {};
  const outcome = new Promise<unknown>((resolve) => {
    ended = resolve;
  });
  const server = await webServer((incoming) =>
    ended(pump(incoming, { ...base, sink: collect }).catch((error) => error)),
  );
  const upload = request(server.url, { method: 'PUT', headers: { 'content-length': 10 * MIB } });
  upload.on('error', () => {});
  upload.write(Buffer.alloc(2 * MIB), () => upload.destroy());
  t.true(isRegistryError(await outcome, 'client-closed'));
  await server.close();
  t.is(out(), 0);
});

test('a slow sink holds the source back', async (t) => {
  const { base } = rig();
  let produced = 0;
  let consumed = 0;
  let furthest = 0;
  const source = async function* () {
    for (; produced < 40; produced += 1) yield Buffer.alloc(MIB);
  };
  await pump(source(), {
    ...base,
    async sink(bytes) {
      for await (const chunk of bytes) {
        await new Promise((resolve) => setImmediate(resolve));
        furthest = Math.max(furthest, produced - consumed);
        consumed += chunk.byteLength / MIB;
      }
    },
  });
  t.is(consumed, 40);
  t.true(furthest <= 6, `${furthest} MiB ahead`);
});

test('The size and the digests are known before the sink learns that there is no more, and can refuse the bytes', async (t) => {
  const { base, out } = rig();
  const bytes = randomBytes(MIB + 5);
  const ends: unknown[] = [];
  const refused = new Error('not these');
  const seen: number[] = [];
  const error = await t.throwsAsync(
    pump(cut(bytes, 100_000), {
      ...base,
      async sink(chunks) {
        for await (const chunk of chunks) seen.push(chunk.byteLength);
        seen.push(-1);
      },
      onEnd(size, digests) {
        ends.push(size, ...digests);
        throw refused;
      },
    }),
  );
  t.is(error, refused);
  t.deepEqual(ends, [bytes.length, createHash('md5').update(bytes).digest('hex')]);
  t.is(
    seen.reduce((sum, length) => sum + length, 0),
    bytes.length,
    'every byte, and no end',
  );
  t.is(out(), 0);
});
