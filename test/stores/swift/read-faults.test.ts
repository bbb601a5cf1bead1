import { randomBytes, randomUUID } from 'node:crypto';
import test from 'ava';
import { type ErrorKind, isRegistryError } from '../../../src/domain/errors.js';
import { at, calm, contents, pieces } from '../../suites/store-rig.js';
import type { Fault } from '../../support/swift/faults.js';
import { md5 } from '../../support/swift/objects.js';
import { PART_BYTES, swiftRig } from '../../support/swift/rig.js';

const BYTES = randomBytes(5 * PART_BYTES + 5);
const RANGE = { start: 1000, end: 4 * PART_BYTES };
const OBJECT = /\/[0-9a-f-]{36}$/;

/** A fault, how often it happens, how often a read is taken up again, and what becomes of the read. */
const ROWS: readonly (readonly [string, Fault, times: number, resumes: number, ErrorKind | 'read'])[] = [
  ['a burst of 503', { kind: 'status', status: 503 }, 3, 0, 'read'],
  ['503 without end', { kind: 'status', status: 503 }, 4, 0, 'storage-unavailable'],
  ['a revoked token', { kind: 'status', status: 401 }, 1, 0, 'read'],
  ['no permission', { kind: 'status', status: 403 }, 1, 0, 'storage-denied'],
  ['a missing segment', { kind: 'status', status: 409 }, 1, 0, 'storage-unavailable'],
  ['a reset in the middle', { kind: 'reset', after: 100_000 }, 1, 0, 'storage-unavailable'],
  ['a reset in the middle', { kind: 'reset', after: 100_000 }, 1, 1, 'read'],
  ['two resets', { kind: 'reset', after: 50_000 }, 2, 2, 'read'],
  ['a reset more than is borne', { kind: 'reset', after: 50_000 }, 3, 2, 'storage-unavailable'],
  ['a truncated answer', { kind: 'short', after: 100_000 }, 1, 0, 'storage-unavailable'],
  ['a truncated answer', { kind: 'short', after: 100_000 }, 1, 1, 'read'],
  ['a body that stops', { kind: 'stall', after: 100_000 }, 1, 0, 'storage-unavailable'],
  ['a body that stops', { kind: 'stall', after: 100_000 }, 1, 1, 'read'],
];

for (const [title, fault, times, resumes, outcome] of ROWS) {
  for (const range of [undefined, RANGE]) {
    test(`${title}, taken up ${resumes} times, ${range ? 'of a range' : 'of all'}: ${outcome}`, async (t) => {
      const { double, store, dispose } = await swiftRig({ resumes, limits: { retryMs: 1, idleMs: 300 } });
      try {
        const { url } = await store.put(randomUUID(), pieces(BYTES, 100_000), { worker: 'w1', signal: calm() });
        double.faults.plan({ method: 'GET', path: OBJECT, times, fault });
        const expected = BYTES.subarray(range?.start ?? 0, (range?.end ?? BYTES.length) + 1);
        const seen: Buffer[] = [];
        const reading = async (): Promise<void> => {
          const opened = await store.open(at(url), range, calm());
          t.is(opened.size, BYTES.length);
          for await (const chunk of opened.bytes) seen.push(Buffer.from(chunk));
        };
        if (outcome === 'read') await reading();
        else t.true(isRegistryError(await t.throwsAsync(reading), outcome));
        const bytes = Buffer.concat(seen);
        t.true(bytes.equals(expected.subarray(0, bytes.length)), 'no byte is wrong');
        t.is(bytes.length === expected.length, outcome === 'read');
        t.true(double.faults.spent, 'the fault happened');
        t.deepEqual(await double.leftovers(), []);
      } finally {
        await dispose();
      }
    });
  }
}

test('a read is not taken up with the bytes of another object', async (t) => {
  const { double, store, dispose } = await swiftRig({ resumes: 3 });
  try {
    const key = randomUUID();
    const { url } = await store.put(key, pieces(BYTES, 100_000), { worker: 'w1', signal: calm() });
    double.faults.plan({ method: 'GET', path: OBJECT, fault: { kind: 'reset', after: 100_000 } });
    const opened = await store.open(at(url), undefined, calm());
    const other = randomBytes(BYTES.length);
    double.objects.set(`AUTH_test/glance/${key}`, { bytes: other, etag: md5(other), headers: {} });
    const error = await t.throwsAsync(contents(opened), { message: /changed while it was read/ });
    t.true(isRegistryError(error, 'storage-unavailable'));
  } finally {
    await dispose();
  }
});

test('the ETag is a strong one, quotes included', async (t) => {
  const { store, dispose } = await swiftRig();
  try {
    for (const size of [10, undefined]) {
      const hint = { worker: 'w1', signal: calm(), ...(size === undefined ? {} : { size }) };
      const { url } = await store.put(randomUUID(), pieces(Buffer.from('0123456789'), 10), hint);
      const opened = await store.open(at(url), undefined, calm());
      t.regex(opened.etag ?? '', /^"[0-9a-f]{32}"$/);
      await opened.close();
    }
  } finally {
    await dispose();
  }
});
