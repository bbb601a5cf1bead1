import test from 'ava';
import { bytesOf, shownBytes } from '../../src/cli/byte-count.js';

test('Bytes as people write them', (t) => {
  for (const [text, bytes] of [
    ['1', 1],
    ['500K', 512_000],
    ['10m', 10_485_760],
    ['1.5G', 1_610_612_736],
    ['2TiB', 2_199_023_255_552],
    [' 7 MB ', 7_340_032],
  ] as const) {
    t.is(bytesOf('--max-rate', text), bytes, text);
  }
  for (const text of ['', '0', '-1', '1e9', '10X', 'K', '1.2345K', '9999999999999T']) {
    t.throws(() => bytesOf('--max-rate', text), { message: /^--max-rate must be a number of bytes/ }, text);
  }
});

test('Bytes for people', (t) => {
  t.deepEqual([0, 1023, 1024, 432_538_112, 5 * 1024 ** 4].map(shownBytes), [
    '0 bytes',
    '1023 bytes',
    '1.0 KiB',
    '412.5 MiB',
    '5.0 TiB',
  ]);
});
