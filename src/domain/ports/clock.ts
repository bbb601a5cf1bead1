import type { Microseconds } from '../time.js';

export interface Clock {
  /** Now; strictly later than every earlier answer of this clock, so that images made in a row sort in the order of their making. */
  now(): Microseconds;
}
