import { setTimeout as pause } from 'node:timers/promises';

/** Makes all readers that share it read no faster together than it says. */
export interface RateLimit {
  /** Resolves when so many more bytes may be taken. */
  take(bytes: number, signal: AbortSignal): Promise<void> | undefined;
}

/** Seconds of the rate that may come at once after a silence. */
const BURST_SECONDS = 0.25;

/** `bytesPerSecond` undefined: no limit. */
export function rateLimit(bytesPerSecond: number | undefined, now: () => number = () => performance.now()): RateLimit {
  if (bytesPerSecond === undefined) return { take: () => undefined };
  /** When all that was taken so far is paid for, in milliseconds. */
  let paid = now();
  return {
    take(bytes, signal) {
      paid = Math.max(paid, now() - BURST_SECONDS * 1000) + (bytes / bytesPerSecond) * 1000;
      const wait = paid - now();
      return wait <= 0 ? undefined : pause(wait, undefined, { signal });
    },
  };
}
