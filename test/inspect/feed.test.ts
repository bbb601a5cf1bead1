import test from 'ava';
import { type Finding, harmless, type Reader, type Region } from '../../src/inspect/disk-format.js';
import { Feed } from '../../src/inspect/feed.js';

const BYTES = Buffer.from(Array.from({ length: 100 }, (_, index) => index));

/** What a reader that asks for these regions gets, with the stream cut into pieces of this size. */
function got(regions: readonly Region[], size: number): string[] {
  const seen: string[] = [];
  function* reader(): Reader {
    for (const region of regions) seen.push([...(yield region)].join(' '));
    return undefined;
  }
  const feed = new Feed(reader());
  for (let at = 0; at < BYTES.length; at += size) feed.update(BYTES.subarray(at, at + size), at);
  feed.finish();
  return seen;
}

const CASES: readonly (readonly [what: string, regions: readonly Region[], expected: readonly string[]])[] = [
  [
    'regions side by side',
    [
      { offset: 0, length: 2 },
      { offset: 2, length: 2 },
    ],
    ['0 1', '2 3'],
  ],
  [
    'regions apart',
    [
      { offset: 5, length: 1 },
      { offset: 50, length: 2 },
    ],
    ['5', '50 51'],
  ],
  [
    'a region that has passed',
    [
      { offset: 5, length: 2 },
      { offset: 6, length: 1 },
      { offset: 7, length: 1 },
    ],
    ['5 6', '', '7'],
  ],
  [
    'a region cut short',
    [
      { offset: 98, length: 9 },
      { offset: 200, length: 1 },
    ],
    ['98 99', ''],
  ],
  [
    'an empty region',
    [
      { offset: 3, length: 0 },
      { offset: 3, length: 1 },
    ],
    ['', '3'],
  ],
  ['the last bytes', [{ last: 3 }], ['97 98 99']],
  [
    'the last bytes behind a region',
    [{ offset: 0, length: 98 }, { last: 3 }],
    [[...BYTES.subarray(0, 98)].join(' '), '98 99'],
  ],
  ['more last bytes than there are', [{ last: 200 }], [[...BYTES].join(' ')]],
];

for (const [what, regions, expected] of CASES) {
  test(`${what}, however the stream is cut`, (t) => {
    for (const size of [1, 2, 3, 7, 99, 100]) t.deepEqual(got(regions, size), expected, `pieces of ${size}`);
  });
}

test('a reader that has seen enough wants no more, and its finding waits for the end', (t) => {
  const finding: Finding = harmless(7);
  function* reader(): Reader {
    yield { offset: 0, length: 4 };
    return finding;
  }
  const feed = new Feed(reader());
  feed.update(BYTES.subarray(0, 3), 0);
  t.true(feed.hungry);
  t.is(feed.held, 4);
  feed.update(BYTES.subarray(3, 9), 3);
  t.false(feed.hungry);
  t.is(feed.held, 0);
  t.is(feed.finish(), finding);
});
