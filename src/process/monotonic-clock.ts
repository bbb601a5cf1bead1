import type { Clock } from '../domain/ports/clock.js';

/** The system's time in microseconds; two readings never give the same, and none goes back. */
export function monotonicClock(): Clock {
  let last = 0;
  return {
    now() {
      // The system's clock has milliseconds; the digits below come from a finer one, so that the order of events shows.
      const now = Date.now() * 1000 + Math.floor((performance.now() % 1) * 1000);
      last = Math.max(now, last + 1);
      return last;
    },
  };
}
