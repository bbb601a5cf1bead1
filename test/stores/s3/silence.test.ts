import { randomBytes, randomUUID } from 'node:crypto';
import { isRegistryError } from '../../../src/domain/errors.js';
import { at, calm, checks, contents, pieces } from '../../suites/store-rig.js';
import type { Fault, Operation } from '../../support/s3-double/faults.js';
import { doubleRig, PART_BYTES } from './double-rig.js';

/** Tries enough that a busy machine, which is silent too, decides nothing. */
const check = checks('s3 silence', () => doubleRig({ idleMs: 500, retry: { attempts: 20, firstMs: 0, mostMs: 0 } }));
const checkGivingUp = checks('s3 silence', () =>
  doubleRig({ idleMs: 500, retry: { attempts: 2, firstMs: 0, mostMs: 0 } }),
);

const silence: Fault = { kind: 'silence' };
const hint = () => ({ worker: 'w1', signal: calm() });

for (const [on, size] of [
  ['HeadObject', 10],
  ['PutObject', 100_000],
  ['UploadPart', 2 * PART_BYTES],
  ['CompleteMultipartUpload', 2 * PART_BYTES],
] as const satisfies readonly (readonly [Operation, number])[]) {
  check(`a ${on} that is never answered is tried again`, async (t, { store, double }) => {
    double.faults.add({ on, fault: silence, times: 1 });
    const bytes = randomBytes(size);
    const { url } = await store.put(randomUUID(), pieces(bytes, size), hint());
    t.true((await contents(await store.open(at(url), undefined, calm()))).equals(bytes));
  });
}

for (const [title, fault] of [
  ['is never answered', silence],
  ['stops without an end', { kind: 'stall', after: 50_000 }],
] as const) {
  check(`a GetObject that ${title} is continued`, async (t, { store, double }) => {
    const bytes = randomBytes(100_000);
    const { url } = await store.put(randomUUID(), pieces(bytes, 100_000), hint());
    double.faults.add({ on: 'GetObject', fault, times: 1 });
    t.true((await contents(await store.open(at(url), undefined, calm()))).equals(bytes));
  });
}

checkGivingUp('a service that never answers is given up', async (t, { store, double }) => {
  double.faults.add({ on: 'UploadPart', fault: silence });
  const put = store.put(randomUUID(), pieces(randomBytes(2 * PART_BYTES), PART_BYTES), hint());
  t.true(isRegistryError(await t.throwsAsync(put), 'storage-unavailable'));
  double.faults.clear();
  // What could not be removed by then goes with the next upload.
  await store.put(randomUUID(), pieces(randomBytes(10), 10), hint());
});

check('an abort does not wait for a service that is silent', async (t, { store, double }) => {
  const stop = new AbortController();
  double.faults.add({ on: 'UploadPart', fault: silence });
  const source = async function* () {
    yield* pieces(randomBytes(2 * PART_BYTES), PART_BYTES);
    stop.abort(new Error('stop'));
    yield Buffer.from('x');
  };
  await t.throwsAsync(store.put(randomUUID(), source(), { worker: 'w1', signal: stop.signal }), { message: 'stop' });
});
