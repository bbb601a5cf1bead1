import type { Dice } from '../../support/dice.js';

/** Pieces that formats give a meaning to, and characters of every length in UTF-8. */
const PIECES = [
  ...[' ', '\t', '\f', '\n', '\r', '\\', '=', ':', '#', '!', ',', '%', '"', '\u0001', '\u007f', '\u0085', '\u00a0'],
  ...['\\u', '\\u0041', '%2C', '../', '__', 'é', '日本', '\u2028', '\ufeff', '\u{1f600}', 'a', 'B', '0', '-', '.', '_'],
];

/** A text of up to `most` pieces. */
export function randomText(random: Dice, most = 12): string {
  return Array.from({ length: random.below(most + 1) }, () => random.pick(PIECES)).join('');
}
