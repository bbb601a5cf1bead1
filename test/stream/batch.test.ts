import { randomBytes } from 'node:crypto';
import test from 'ava';
import { Batch } from '../../src/stream/batch.js';
import { createSlabPool, SLAB_BYTES, type Slab, type SlabPool } from '../../src/stream/slabs.js';

/** A pool that counts the slabs which are out. */
function countingPool(limit?: number): SlabPool & { out: number; most: number } {
  const pool = createSlabPool(limit);
  return {
    out: 0,
    most: 0,
    take(held) {
      const slab = pool.take(held);
      if (slab) this.out += 1;
      this.most = Math.max(this.most, this.out);
      return slab;
    },
    give(slab: Slab) {
      this.out -= 1;
      pool.give(slab);
    },
  };
}

async function readAll(batch: Batch): Promise<{ bytes: Buffer; sizes: number[] }> {
  const parts: Buffer[] = [];
  for (let next = await batch.next(); next; next = await batch.next()) {
    parts.push(Buffer.from(next.bytes));
    next.release();
  }
  return { bytes: Buffer.concat(parts), sizes: parts.map(({ length }) => length) };
}

async function writeAll(batch: Batch, bytes: Buffer, size: number): Promise<void> {
  for (let from = 0; from < bytes.length; from += size) await batch.write(bytes.subarray(from, from + size));
  batch.end();
}

for (const [total, size] of [
  [0, 1],
  [1, 1],
  [SLAB_BYTES, SLAB_BYTES],
  [SLAB_BYTES + 1, 65_536],
  [10 * SLAB_BYTES + 3, 65_537],
  [10 * SLAB_BYTES, 7 * SLAB_BYTES],
] as const) {
  for (const limit of [64, 1]) {
    test(`${total} bytes in chunks of ${size}, pool of ${limit}`, async (t) => {
      const pool = countingPool(limit);
      const batch = new Batch(pool);
      const bytes = randomBytes(total);
      const [read] = await Promise.all([readAll(batch), writeAll(batch, bytes, size)]);
      t.true(read.bytes.equals(bytes));
      t.true(read.sizes.slice(0, -1).every((length) => length === SLAB_BYTES));
      t.is(pool.out, 0);
      t.true(pool.most <= Math.min(4, limit));
    });
  }
}

test('the writer waits until the reader gives slabs back', async (t) => {
  const pool = countingPool();
  const batch = new Batch(pool);
  const written = batch.write(Buffer.alloc(5 * SLAB_BYTES));
  t.truthy(written);
  t.is(pool.out, 4);
  (await batch.next())?.release();
  await written;
  batch.end();
  t.is((await readAll(batch)).bytes.length, 4 * SLAB_BYTES);
  t.is(pool.out, 0);
});

test('a failure reaches a waiting reader, wakes a waiting writer and gives all slabs back', async (t) => {
  const pool = countingPool();
  const waiting = new Batch(pool);
  const next = waiting.next();
  waiting.fail(new Error('broken'));
  waiting.fail(new Error('second'));
  await t.throwsAsync(next, { message: 'broken' });

  const full = new Batch(pool);
  const written = full.write(Buffer.alloc(6 * SLAB_BYTES));
  const taken = await full.next();
  full.fail(new Error('broken'));
  await written;
  t.is(pool.out, 1);
  taken?.release();
  t.is(pool.out, 0);
  t.is(full.write(Buffer.alloc(10)), undefined);
  await t.throwsAsync(full.next(), { message: 'broken' });
});

test('a stalled stream never keeps another from its first slab', (t) => {
  const pool = countingPool(1);
  const stalled = new Batch(pool);
  const other = new Batch(pool);
  t.is(stalled.write(Buffer.alloc(10)), undefined);
  t.is(other.write(Buffer.alloc(10)), undefined);
  t.is(pool.out, 2);
});
