import test from 'ava';
import { isRegistryError } from '../../src/domain/errors.js';
import { StorageLimit } from '../../src/service/storage-limit.js';
import { services } from '../support/v1-services.js';

const MIB = 1024 * 1024;

test('without a limit everything is covered, and nothing is reserved', async (t) => {
  const { quotas, image } = services();
  const allowance = new StorageLimit(quotas, 0).for(await image());
  t.true(allowance.covers(Number.MAX_SAFE_INTEGER));
  await allowance.cover(Number.MAX_SAFE_INTEGER);
  t.is(await quotas.usage('tenant'), 0);
});

test('a reservation covers what it was asked for, then grows by steps', async (t) => {
  const { quotas, image } = services();
  const allowance = new StorageLimit(quotas, 100 * MIB).for(await image());
  t.false(allowance.covers(1));
  await allowance.cover(10);
  t.is(await quotas.usage('tenant'), 10);
  t.true(allowance.covers(10));
  t.false(allowance.covers(11));
  await allowance.cover(11);
  t.true(allowance.covers(MIB));
  await allowance.settle();
  t.is(await quotas.usage('tenant'), 0);
});

test('two uploads share what is left, and the text names it', async (t) => {
  const { quotas, image } = services();
  const limit = new StorageLimit(quotas, 100);
  const [first, second] = [limit.for(await image()), limit.for(await image())];
  await first.cover(60);
  const error = await t.throwsAsync(second.cover(41));
  t.true(isRegistryError(error, 'quota'));
  t.is(
    error?.message,
    'Denying attempt to upload image because it exceeds the quota: ' +
      'The size of the data 41 will exceed the limit. 40 bytes remaining.',
  );
  await second.settle();
  await first.cover(100);
});
