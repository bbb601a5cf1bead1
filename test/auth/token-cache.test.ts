import test from 'ava';
import { TokenCache } from '../../src/auth/token-cache.js';

/** A cache of four tokens of each sort on a clock that the test turns; good ones hold for 100 ms, bad ones for 10. */
function rig() {
  const state = { now: 1000, asked: [] as string[] };
  const cache = new TokenCache<string>({
    goodUntil: (_, now) => now + 100,
    badMs: 10,
    most: 4,
    now: () => state.now,
  });
  const get = (key: string, value: string | undefined = key) =>
    cache.get(key, async () => {
      state.asked.push(key);
      return value === 'bad' ? undefined : value;
    });
  return { state, cache, get };
}

test('a good token is asked about once in its time', async (t) => {
  const { state, get } = rig();
  for (const now of [1000, 1050, 1099]) {
    state.now = now;
    t.is(await get('a'), 'a');
  }
  t.deepEqual(state.asked, ['a']);
  state.now = 1100;
  await get('a');
  t.deepEqual(state.asked, ['a', 'a']);
});

test('a bad token is refused for a shorter time', async (t) => {
  const { state, get } = rig();
  for (const now of [1000, 1009, 1010]) {
    state.now = now;
    t.is(await get('x', 'bad'), undefined);
  }
  t.deepEqual(state.asked, ['x', 'x']);
});

test('the least recently used one is forgotten', async (t) => {
  const { state, get } = rig();
  for (const key of ['a', 'b', 'c', 'd', 'a', 'e', 'a', 'c']) await get(key);
  t.deepEqual(state.asked, ['a', 'b', 'c', 'd', 'e']);
  await get('b');
  t.deepEqual(state.asked.slice(5), ['b']);
});

test('a flood of bad tokens drives no good one out', async (t) => {
  const { state, get } = rig();
  await get('a');
  for (let round = 0; round < 100; round += 1) await get(`x${round}`, 'bad');
  await get('a');
  t.is(state.asked.filter((key) => key === 'a').length, 1);
  await get('x99', 'bad');
  t.is(state.asked.length, 101, 'the last bad ones are remembered');
  await get('x0', 'bad');
  t.is(state.asked.length, 102, 'the first ones are not');
});

test('however many ask at a time, one of them finds out', async (t) => {
  const { cache } = rig();
  let asked = 0;
  const open: (() => void)[] = [];
  const ask = async () => {
    asked += 1;
    await new Promise<void>((resolve) => open.push(resolve));
    return 'a';
  };
  const all = Array.from({ length: 50 }, () => cache.get('a', ask));
  const other = cache.get('b', async () => 'b');
  t.is(await other, 'b');
  for (const resolve of open) resolve();
  t.deepEqual(new Set(await Promise.all(all)), new Set(['a']));
  t.is(asked, 1);
});

test('a failure reaches all who asked, and is not remembered', async (t) => {
  const { cache, get } = rig();
  const fail = async () => {
    throw new Error('out');
  };
  const all = await Promise.allSettled([cache.get('a', fail), cache.get('a', fail)]);
  t.true(all.every(({ status }) => status === 'rejected'));
  t.is(await get('a'), 'a');
});

test('what holds for no time is not remembered', async (t) => {
  const asked: string[] = [];
  const cache = new TokenCache<string>({ goodUntil: (_, now) => now, badMs: 0, most: 4, now: () => 5 });
  for (let round = 0; round < 2; round += 1) {
    await cache.get('a', async () => `${asked.push('a')}`);
    await cache.get('x', async () => {
      asked.push('x');
      return undefined;
    });
  }
  t.deepEqual(asked, ['a', 'x', 'a', 'x']);
});
