import type { TestFn } from 'ava';
import type { Location } from '../../src/domain/location.js';
import type { OpenRegistry } from '../support/databases.js';
import { anImage } from '../support/image-factory.js';
import { withRegistry } from './image-registry.js';

const at = (url: string): Location => ({ url, metadata: {}, status: 'active' });

/** What every implementation of StorageQuota does. */
export function storageQuotaSuite(test: TestFn, open: OpenRegistry): void {
  test(
    'quota: usage counts every location of live images',
    withRegistry(open, async (t, { images, quotas }) => {
      t.is(await quotas.usage('tenant'), 0);
      const twice = anImage({ size: 10, locations: [at('file:///a'), at('http://b')] });
      for (const image of [
        twice,
        anImage({ size: 5, locations: [at('file:///c')] }),
        anImage({ size: 1000 }),
        anImage({ size: null, locations: [at('file:///d')] }),
        anImage({ size: 7, owner: 'other', locations: [at('file:///e')] }),
        anImage({ size: 3, owner: null, locations: [at('file:///f')] }),
      ]) {
        await images.add(image);
      }
      t.deepEqual([await quotas.usage('tenant'), await quotas.usage('other'), await quotas.usage(null)], [25, 7, 3]);
      await images.delete(twice.id, 'pending_delete', {});
      t.is(await quotas.usage('tenant'), 5);
    }),
  );

  test(
    'quota: sizes beyond 64 bits add up',
    withRegistry(open, async (t, { images, quotas }) => {
      const locations = Array.from({ length: 1100 }, (_, n) => at(`http://host/${n}`));
      await images.add(anImage({ size: Number.MAX_SAFE_INTEGER, locations }));
      t.true((await quotas.usage('tenant')) >= 1099 * Number.MAX_SAFE_INTEGER);
    }),
  );

  test(
    'quota: a reservation takes what is left, and is one per image',
    withRegistry(open, async (t, { images, quotas }) => {
      await images.add(anImage({ size: 40, locations: [at('file:///a')] }));
      t.is(await quotas.reserve('one', 'tenant', 30, 100), 30);
      t.is(await quotas.reserve('two', 'tenant', 50, 100), 30);
      t.is(await quotas.reserve('three', 'tenant', 1, 100), 0);
      t.is(await quotas.usage('tenant'), 100);
      t.is(await quotas.usage('tenant', 'one'), 70);
      t.is(await quotas.reserve('one', 'tenant', 10, 100), 10);
      t.is(await quotas.reserve('two', 'tenant', 500, 20), 0);
      t.is(await quotas.reserve('else', 'other', 100, 100), 100);
      t.is(await quotas.reserve('nobody', null, 7, Number.MAX_SAFE_INTEGER), 7);
      for (const image of ['one', 'two', 'three', 'else', 'nobody', 'unknown']) await quotas.settle(image);
      t.deepEqual([await quotas.usage('tenant'), await quotas.usage('other'), await quotas.usage(null)], [40, 0, 0]);
    }),
  );

  test(
    'quota: parallel reservations stay below the limit together',
    withRegistry(open, async (t, { quotas }) => {
      const uploads = Array.from({ length: 30 }, (_, n) => `upload-${n}`);
      const granted = await Promise.all(uploads.map((image) => quotas.reserve(image, 'tenant', 15, 100)));
      t.is(
        granted.reduce((sum, bytes) => sum + bytes, 0),
        100,
      );
      t.deepEqual(
        granted.filter((bytes) => bytes > 0).sort((a, b) => b - a),
        [15, 15, 15, 15, 15, 15, 10],
      );
      for (const image of uploads) await quotas.settle(image);
    }),
  );
}
