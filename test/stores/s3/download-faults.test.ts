import { randomBytes, randomUUID } from 'node:crypto';
import type { ExecutionContext } from 'ava';
import { type ErrorKind, isRegistryError } from '../../../src/domain/errors.js';
import type { ByteRange } from '../../../src/domain/ports/store.js';
import { at, calm, checks, contents, pieces } from '../../suites/store-rig.js';
import type { Fault } from '../../support/s3-double/faults.js';
import { BUCKET, type DoubleRig, doubleRig } from './double-rig.js';

const check = checks('s3 download', () => doubleRig());

const SIZE = 3_000_000;
const slow: Fault = { kind: 'refuse', status: 503, code: 'SlowDown' };
const resetLate: Fault = { kind: 'reset-answer', after: 1_000_000 };
const resetEarly: Fault = { kind: 'reset-answer', after: 10 };
const short: Fault = { kind: 'shorten', after: 1_000_000 };
const stall: Fault = { kind: 'stall', after: 500_000 };

/** What comes of a read: the right bytes, an error when it is opened, or one while it is read. */
type Outcome = 'right' | { readonly opening: ErrorKind } | { readonly reading: ErrorKind };

const rows: readonly [string, Fault, number, Outcome][] = [
  ['a burst of 503', slow, 2, 'right'],
  ['lasting 503', slow, 100, { opening: 'storage-unavailable' }],
  ['a refusal', { kind: 'refuse', status: 403, code: 'AccessDenied' }, 100, { opening: 'storage-denied' }],
  ['a lost answer', { kind: 'lose-answer' }, 1, 'right'],
  ['a connection reset on the way', resetLate, 1, 'right'],
  ['two connections reset at their beginning', resetEarly, 2, 'right'],
  ['every connection reset at its beginning', resetEarly, 100, { reading: 'storage-unavailable' }],
  ['a truncated answer', short, 2, 'right'],
  ['a slow body', { kind: 'slow', piece: 50_000 }, 100, 'right'],
];
const ranges: readonly (ByteRange | undefined)[] = [undefined, { start: 7, end: SIZE - 9 }];

async function placed({ store, double }: DoubleRig) {
  const bytes = randomBytes(SIZE);
  const { url } = await store.put(randomUUID(), pieces(bytes, SIZE), { worker: 'w1', signal: calm() });
  double.log.length = 0;
  return { bytes, location: at(url) };
}

for (const [title, fault, times, outcome] of rows) {
  for (const range of ranges) {
    check(`${title}, ${range ? 'a range' : 'the whole'}`, async (t, rig) => {
      const { bytes, location } = await placed(rig);
      const expected = range ? bytes.subarray(range.start, range.end + 1) : bytes;
      rig.double.faults.add({ on: 'GetObject', fault, times });
      const open = () => rig.store.open(location, range, calm());
      if (outcome === 'right') {
        t.true((await contents(await open())).equals(expected));
      } else if ('opening' in outcome) {
        refused(t, await t.throwsAsync(open), outcome.opening);
      } else {
        const opened = await open();
        refused(t, await t.throwsAsync(contents(opened)), outcome.reading);
      }
      rig.double.faults.clear();
      t.true((await contents(await open())).equals(expected), 'and right afterwards');
    });
  }
}

check('a range that is answered with another is refused', async (t, rig) => {
  const { location } = await placed(rig);
  rig.double.faults.add({ on: 'GetObject', fault: { kind: 'wrong-range' } });
  refused(t, await t.throwsAsync(rig.store.open(location, { start: 5, end: 9 }, calm())), 'storage-unavailable');
});

check('a rest that is answered with other bytes is not sent on', async (t, rig) => {
  const { bytes, location } = await placed(rig);
  rig.double.faults.add({ on: 'GetObject', fault: resetLate, times: 1 });
  rig.double.faults.add({ on: 'GetObject', fault: { kind: 'wrong-range' } });
  const opened = await rig.store.open(location, undefined, calm());
  const seen: Buffer[] = [];
  const read = async () => {
    for await (const chunk of opened.bytes) seen.push(Buffer.from(chunk));
  };
  refused(t, await t.throwsAsync(read), 'storage-unavailable');
  t.true(bytes.indexOf(Buffer.concat(seen)) === 0, 'what came is the beginning');
});

check('an object that is replaced on the way is not mixed with what replaced it', async (t, rig) => {
  const { bytes, location } = await placed(rig);
  rig.double.faults.add({ on: 'GetObject', fault: resetLate, times: 1 });
  const opened = await rig.store.open(location, undefined, calm());
  const { objects } = rig.double.bucket(BUCKET);
  for (const [key, object] of objects) objects.set(key, { ...object, bytes: randomBytes(SIZE), etag: '"other"' });
  const seen: Buffer[] = [];
  const read = async () => {
    for await (const chunk of opened.bytes) seen.push(Buffer.from(chunk));
  };
  refused(t, await t.throwsAsync(read), 'storage-unavailable');
  t.true(bytes.indexOf(Buffer.concat(seen)) === 0, 'what came is the beginning');
});

check('an outage on the way ends the read; the next one succeeds when the service is back', async (t, rig) => {
  const { bytes, location } = await placed(rig);
  rig.double.faults.add({ on: 'GetObject', fault: stall, times: 1 });
  const opened = await rig.store.open(location, undefined, calm());
  const read = async () => {
    for await (const chunk of opened.bytes) {
      t.true(chunk.byteLength > 0);
      await rig.double.halt();
    }
  };
  refused(t, await t.throwsAsync(read), 'storage-unavailable');
  refused(t, await t.throwsAsync(rig.store.open(location, undefined, calm())), 'storage-unavailable');
  refused(t, await t.throwsAsync(rig.store.size(location)), 'storage-unavailable');
  refused(t, await t.throwsAsync(rig.store.remove(location)), 'storage-unavailable');
  await rig.double.resume();
  t.true((await contents(await rig.store.open(location, undefined, calm()))).equals(bytes));
});

function refused(t: ExecutionContext, error: unknown, kind: ErrorKind): void {
  t.true(isRegistryError(error, kind), String(error));
  t.notRegex(String(error), /secret|127\.0\.0\.1|ECONN|SlowDown/);
}
