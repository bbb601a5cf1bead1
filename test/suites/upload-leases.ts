import type { TestFn } from 'ava';
import type { Lease, UploadLeases } from '../../src/domain/ports/leases.js';
import type { OpenRegistry } from '../support/databases.js';
import { refused, withRegistry } from './image-registry.js';

const lease = (fields: Partial<Lease>): Lease => ({
  image: 'image',
  worker: 'worker',
  expiresAt: 100,
  abandoned: 'killed',
  store: 'file',
  ...fields,
});

async function releaseAll(leases: UploadLeases): Promise<void> {
  for (const { image, worker } of await leases.all()) await leases.release(image, worker);
}

/** What every implementation of UploadLeases does. */
export function uploadLeasesSuite(test: TestFn, open: OpenRegistry): void {
  test(
    'leases: an image has one lease, whoever holds it and for how long',
    withRegistry(open, async (t, { leases }) => {
      const taken = lease({ abandoned: 'queued' });
      await leases.take(taken);
      for (const again of [taken, lease({ worker: 'other' }), lease({ worker: 'other', expiresAt: 10_000 })]) {
        await refused(t, 'conflict', leases.take(again));
      }
      t.deepEqual(await leases.all(), [taken]);
      await leases.release('image', 'other');
      t.deepEqual(await leases.all(), [taken], 'only its holder ends a lease');
      await leases.release('image', 'worker');
      await leases.release('image', 'worker');
      t.deepEqual(await leases.all(), []);
      const race = await Promise.allSettled(
        Array.from({ length: 20 }, (_, n) => leases.take(lease({ worker: `worker-${n}` }))),
      );
      t.is(race.filter(({ status }) => status === 'fulfilled').length, 1);
      await releaseAll(leases);
    }),
  );

  test(
    'leases: a worker renews all of its own and no other',
    withRegistry(open, async (t, { leases }) => {
      const one = lease({ image: 'one' });
      const two = lease({ image: 'two' });
      const other = lease({ image: 'three', worker: 'other', expiresAt: 150 });
      for (const each of [one, two, other]) await leases.take(each);
      await leases.renew('worker', 200);
      await leases.renew('nobody', 500);
      t.deepEqual(await leases.all(), [other, { ...one, expiresAt: 200 }, { ...two, expiresAt: 200 }]);
      await releaseAll(leases);
    }),
  );

  test(
    'leases: of those who take one over, one succeeds',
    withRegistry(open, async (t, { leases }) => {
      const held = lease({});
      await leases.take(held);
      const cleaners = Array.from({ length: 20 }, (_, n) => leases.takeOver(held, `cleaner-${n}`, 300));
      const winner = (await Promise.all(cleaners)).flatMap((won, n) => (won ? [`cleaner-${n}`] : []));
      t.is(winner.length, 1);
      t.deepEqual(await leases.all(), [{ ...held, worker: winner[0] ?? '', expiresAt: 300 }]);
      await releaseAll(leases);
      t.false(await leases.takeOver(held, 'late', 400));
    }),
  );

  test(
    'leases: a renewal defeats the taking over of what was read before',
    withRegistry(open, async (t, { leases }) => {
      const held = lease({});
      await leases.take(held);
      await leases.renew('worker', 101);
      t.false(await leases.takeOver(held, 'cleaner', 300));
      t.true(await leases.takeOver({ ...held, expiresAt: 101 }, 'cleaner', 300));
      await releaseAll(leases);
    }),
  );

  test(
    'leases: workers with an unexpired lease are alive',
    withRegistry(open, async (t, { leases }) => {
      await leases.take(lease({ image: 'one', worker: 'a' }));
      await leases.take(lease({ image: 'two', worker: 'a', expiresAt: 50 }));
      await leases.take(lease({ image: 'three', worker: 'b', expiresAt: 50 }));
      await leases.take(lease({ image: 'four', worker: 'c' }));
      t.deepEqual(await leases.alive(['a', 'b', 'd'], 50), new Set(['a', 'b']));
      t.deepEqual(await leases.alive(['a', 'b', 'd'], 51), new Set(['a']));
      t.deepEqual(await leases.alive([], 0), new Set());
      await releaseAll(leases);
    }),
  );
}
