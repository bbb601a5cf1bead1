import test from 'ava';
import { MEBIBYTE } from '../../../stores/s3/options.js';
import { MOST_PARTS, partBytes, sharedPartBytes } from '../../../stores/s3/part-size.js';

const LARGEST_OBJECT = 5 * 1024 ** 4;
const LARGEST_PART = 5 * 1024 ** 3;

test('the smallest parts, of a length that nobody announced, reach the largest object', (t) => {
  let sent = 0;
  for (let part = 0; part < MOST_PARTS; part += 1) {
    const size = partBytes(5 * MEBIBYTE, undefined, sent);
    t.true(size <= LARGEST_PART, String(sent));
    sent += size;
    if (part === 1000) t.is(size, 5 * MEBIBYTE, 'and keep their size for long');
  }
  t.true(sent >= LARGEST_OBJECT, `${sent} bytes`);
});

for (const announced of [0, 1, 100 * MEBIBYTE, 97_656 * MEBIBYTE + 1, 1024 ** 4 + 1, LARGEST_OBJECT]) {
  test(`an announced size of ${announced} takes parts of one size, none more than there may be`, (t) => {
    const size = partBytes(10 * MEBIBYTE, announced, 0);
    t.true(size >= 10 * MEBIBYTE && size <= LARGEST_PART && size % MEBIBYTE === 0);
    t.true(Math.ceil(announced / size) <= MOST_PARTS);
    t.is(partBytes(10 * MEBIBYTE, announced, Math.max(0, announced - 1)), size);
  });
}

test('bytes beyond what was announced find parts too', (t) => {
  t.is(partBytes(10 * MEBIBYTE, 5, 20 * MEBIBYTE), 10 * MEBIBYTE);
});

test('beside others an upload takes half of the size, never less than a service takes', (t) => {
  t.deepEqual(
    [5, 6, 10, 64].map((size) => sharedPartBytes(size * MEBIBYTE) / MEBIBYTE),
    [5, 5, 5, 32],
  );
});
