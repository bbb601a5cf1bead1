import { MEBIBYTE } from './options.js';

/** What every service takes for a part that is not the last. */
const SMALLEST_PART = 5 * MEBIBYTE;

/** Half of the configured size for uploads that begin beside others: together they keep as much as they need, not more. All parts of one upload are of one size. */
export function sharedPartBytes(configured: number): number {
  return Math.min(configured, Math.max(SMALLEST_PART, Math.ceil(configured / 2)));
}

/** What a service allows of one object. */
export const MOST_PARTS = 10_000;
const LARGEST_PART = 5 * 1024 * MEBIBYTE;

/** Parts grow with what was sent before them, so that 10 000 of them hold 5 TiB, and the first 1 250 keep their size. */
const SHARE = 1250;

/**
 * Bytes of the next part of an object, of which `sent` bytes went before. `configured`: the size of parts of ordinary objects;
 * `announced`: the object's size where it is known, which lets all parts have the same size.
 */
export function partBytes(configured: number, announced: number | undefined, sent: number): number {
  const wanted = announced === undefined || sent >= announced ? sent / SHARE : announced / MOST_PARTS;
  const whole = Math.ceil(wanted / MEBIBYTE) * MEBIBYTE;
  return Math.min(Math.max(configured, whole), LARGEST_PART);
}
