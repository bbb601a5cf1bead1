import test from 'ava';
import { Sessions } from '../../src/net/sessions.js';
import type { Session } from '../../stores/swift/session.js';

/** Sessions on a clock that the test turns, of 100 seconds each, replaced 10 seconds before their end. */
function sessions() {
  const state: { now: number; life: number; count: number; failure: Error | undefined } = {
    now: 0,
    life: 100_000,
    count: 0,
    failure: undefined,
  };
  const authenticate = async (): Promise<Session> => {
    if (state.failure) throw state.failure;
    state.count += 1;
    return { token: `t${state.count}`, storageUrl: 'http://h/v1/AUTH_x', expiresAt: state.now + state.life };
  };
  return { state, sessions: new Sessions(authenticate, 10_000, () => state.now) };
}

test('a session is replaced shortly before its end', async (t) => {
  const { state, sessions: some } = sessions();
  const tokens: string[] = [];
  for (const now of [0, 89_999, 90_000, 179_999, 180_000]) {
    state.now = now;
    tokens.push((await some.current()).token);
  }
  t.deepEqual(tokens, ['t1', 't1', 't2', 't2', 't3']);
});

test('a short one lives half its life', async (t) => {
  const { state, sessions: some } = sessions();
  state.life = 4000;
  t.is((await some.current()).token, 't1');
  state.now = 1999;
  t.is((await some.current()).token, 't1');
  state.now = 2000;
  t.is((await some.current()).token, 't2');
});

test('one without an end is never replaced, unless it is dropped', async (t) => {
  const { state, sessions: some } = sessions();
  state.life = Number.POSITIVE_INFINITY;
  const first = await some.current();
  state.now = 1e15;
  t.is(await some.current(), first);
  some.drop(first);
  const second = await some.current();
  t.is(second.token, 't2');
  some.drop(first);
  t.is(await some.current(), second);
});

test('when it cannot be replaced it serves until its end', async (t) => {
  const { state, sessions: some } = sessions();
  await some.current();
  state.failure = new Error('out');
  state.now = 95_000;
  t.is((await some.current()).token, 't1');
  state.now = 100_000;
  await t.throwsAsync(some.current(), { message: 'out' });
  state.failure = undefined;
  t.is((await some.current()).token, 't2');
});

test('many who ask at once share one authentication, and its failure', async (t) => {
  const { state, sessions: some } = sessions();
  state.failure = new Error('out');
  const failed = await Promise.allSettled([some.current(), some.current(), some.current()]);
  t.true(failed.every(({ status }) => status === 'rejected'));
  state.failure = undefined;
  const found = await Promise.all([some.current(), some.current(), some.current()]);
  t.deepEqual(new Set(found.map(({ token }) => token)), new Set(['t1']));
});
