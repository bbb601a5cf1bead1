import test from 'ava';
import { restartDelay } from '../../../src/process/workers/slot.js';

test('an accident is mended at once, a series of failures ever more slowly, but never given up', (t) => {
  t.deepEqual([0, 1, 2, 3, 4, 5, 9].map(restartDelay), [100, 100, 200, 400, 800, 1_600, 25_600]);
  t.deepEqual([10, 50, 5_000].map(restartDelay), [30_000, 30_000, 30_000]);
});
