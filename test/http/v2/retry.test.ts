import test from 'ava';
import { RegistryError } from '../../../src/domain/errors.js';
import { retried } from '../../../src/http/v2/retry.js';

test('a change that others overtake is made again, as often as there may be others', async (t) => {
  let tries = 0;
  const answer = await retried(async () => {
    tries += 1;
    if (tries <= 20) throw new RegistryError('conflict', 'overtaken');
    return tries;
  });
  t.is(answer, 21);
});

test('it ends, and with any other error at once', async (t) => {
  let tries = 0;
  const always = (error: Error) => () => {
    tries += 1;
    return Promise.reject(error);
  };
  await t.throwsAsync(retried(always(new RegistryError('conflict', 'overtaken'))), { message: 'overtaken' });
  t.is(tries, 50);
  await t.throwsAsync(retried(always(new RegistryError('quota', 'too many'))), { message: 'too many' });
  t.is(tries, 51);
});
