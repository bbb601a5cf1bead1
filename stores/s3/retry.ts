import { setTimeout as pause } from 'node:timers/promises';
import { isPassing } from './errors.js';

export interface RetryPolicy {
  /** Tries in all. */
  readonly attempts: number;
  /** Milliseconds before the second try; each further wait is twice as long, a random half of it left out. */
  readonly firstMs: number;
  /** Milliseconds that no wait exceeds. */
  readonly mostMs: number;
}

/** Rides out a restart of the service and most bursts of "slow down", and gives up after some seconds. */
export const DEFAULT_RETRY: RetryPolicy = { attempts: 6, firstMs: 200, mostMs: 5000 };

/**
 * Does something until it succeeds, fails for good, or the policy's tries are over; throws the last error, or the signal's reason.
 * `act` is told how many tries failed before.
 */
export async function retrying<T>(
  policy: RetryPolicy,
  signal: AbortSignal | undefined,
  act: (failed: number) => Promise<T>,
): Promise<T> {
  for (let failed = 0; ; failed += 1) {
    signal?.throwIfAborted();
    try {
      return await act(failed);
    } catch (error) {
      signal?.throwIfAborted();
      if (failed + 1 >= policy.attempts || !isPassing(error)) throw error;
    }
    await backOff(policy, failed, signal);
  }
}

/** Waits before the try that follows so many failed ones. Throws the signal's reason. */
export async function backOff(policy: RetryPolicy, failed: number, signal: AbortSignal | undefined): Promise<void> {
  const most = Math.min(policy.mostMs, policy.firstMs * 2 ** failed);
  await pause(most * (0.5 + Math.random() / 2), undefined, signal ? { signal } : {}).catch(() => {});
  signal?.throwIfAborted();
}
