import test from 'ava';
import { isRegistryError } from '../../../../src/domain/errors.js';
import { BucketLock, type LockTimes } from '../../../../src/sync/publish/targets/bucket-lock.js';
import { BucketObjects } from '../../../../src/sync/publish/targets/bucket-objects.js';
import { createContext } from '../../../../stores/s3/client.js';
import { BUCKET, optionsFor } from '../../../stores/s3/double-rig.js';
import { type DoubleOptions, S3Double } from '../../../support/s3-double/s3-double.js';

const NEVER = 3_600_000;
const TIMES: LockTimes = { patience: NEVER, renewal: NEVER, settling: 0 };
const KEY = 'p/.state/lock';

async function rig(options: DoubleOptions = {}) {
  const double = await S3Double.start({ buckets: [BUCKET], ...options });
  const context = await createContext(optionsFor(double, { retry: { attempts: 2, firstMs: 0, mostMs: 0 } }));
  const objects = new BucketObjects(context, 'p/');
  return {
    double,
    objects,
    take: (self: string, gone: readonly string[] = [], times: Partial<LockTimes> = {}) =>
      BucketLock.take(objects, { self, isGone: (worker) => gone.includes(worker) }, 's3://here', {
        ...TIMES,
        ...times,
      }),
    text: () => double.bucket(BUCKET).objects.get(KEY)?.bytes.toString(),
    async dispose() {
      await objects.close();
      await double.halt();
    },
  };
}

const isBusy = (error: unknown): boolean => isRegistryError(error, 'busy');

for (const conditions of ['kept', 'ignored', 'not-implemented'] as const) {
  test(`one at a time, and again after a release: conditions ${conditions}`, async (t) => {
    const { take, text, dispose } = await rig({ conditions });
    const lock = await take('a');
    t.true(isBusy(await t.throwsAsync(take('b'))));
    lock.check();
    await lock.release();
    t.is(text(), undefined);
    await (await take('b')).release();
    await dispose();
  });

  test(`a lock whose process is gone is taken over, and the dead one notices: conditions ${conditions}`, async (t) => {
    const { take, text, dispose } = await rig({ conditions });
    const dead = await take('dead');
    const living = await take('living', ['dead']);
    t.regex(text() ?? '', /"living"/);
    await dead.renew();
    t.true(isBusy(await rejected(() => dead.check())));
    t.regex(text() ?? '', /"living"/);
    await dead.release();
    t.regex(text() ?? '', /"living"/, 'what is not its own it leaves alone');
    await living.release();
    await dispose();
  });
}

async function rejected(act: () => void): Promise<unknown> {
  try {
    act();
    return undefined;
  } catch (error) {
    return error;
  }
}

test('a lock of another machine is taken over when it was not renewed for long, by the clock of the service', async (t) => {
  const { double, take, dispose } = await rig();
  await take('elsewhere');
  t.true(isBusy(await t.throwsAsync(take('b', [], { patience: 100_000 }))));
  const { objects } = double.bucket(BUCKET);
  const written = objects.get(KEY);
  if (written === undefined) throw new Error('no lock');
  objects.set(KEY, { ...written, modified: new Date(Date.now() - 200_000) });
  const lock = await take('b', [], { patience: 100_000 });
  await lock.release();
  await dispose();
});

test('of two that find a dead lock at once, one gets it', async (t) => {
  for (let round = 0; round < 10; round += 1) {
    const { take, dispose } = await rig();
    await take('dead');
    const results = await Promise.allSettled([take('a', ['dead']), take('b', ['dead'])]);
    const winners = results.filter(({ status }) => status === 'fulfilled');
    t.is(winners.length, 1);
    await dispose();
  }
});

test('an answer that is lost does not lose the lock', async (t) => {
  const { double, take, text, dispose } = await rig();
  double.faults.add({ on: 'PutObject', fault: { kind: 'lose-answer' }, times: 1 });
  const lock = await take('a');
  double.faults.add({ on: 'PutObject', fault: { kind: 'lose-answer' }, times: 2 });
  for (let renewal = 0; renewal < 4; renewal += 1) await lock.renew();
  lock.check();
  await lock.release();
  t.is(text(), undefined);
  await dispose();
});

test('who gave no sign of life for long does not go on', async (t) => {
  const { double, take, dispose } = await rig();
  const lock = await take('a', [], { patience: 1 });
  while (!isBusy(await rejected(() => lock.check()))) await new Promise((resolve) => setTimeout(resolve, 2));
  t.pass();
  double.faults.clear();
  await lock.release();
  await dispose();
});
