import type { ImageId } from '../image.js';
import type { Microseconds } from '../time.js';

/** An upload in progress, so that whoever finds it abandoned can clean up after a process that died. */
export interface Lease {
  readonly image: ImageId;
  /** Id of the process that uploads: also part of the temp file's name. */
  readonly worker: string;
  readonly expiresAt: Microseconds;
  /** The status an abandoned upload leaves its image in: v1 kills, v2 queues again. */
  readonly abandoned: 'killed' | 'queued';
  /** Id of the store that receives the bytes; empty where none does. */
  readonly store: string;
}

export interface UploadLeases {
  /** Throws conflict when there is a lease on the image, whoever holds it: an expired one is cleaned up first. */
  take(lease: Lease): Promise<void>;
  /** Moves the end of every lease of this worker. */
  renew(worker: string, expiresAt: Microseconds): Promise<void>;
  /** Ends the lease if this worker still holds it. */
  release(image: ImageId, worker: string): Promise<void>;
  /** Every lease, expired or not: uploads under way are few. */
  all(): Promise<readonly Lease[]>;
  /**
   * Hands the lease, exactly as it was read, to another worker: a compare-and-swap on worker and expiry, so that two cleaners
   * never work on one image. False when someone else was faster.
   */
  takeOver(lease: Lease, worker: string, expiresAt: Microseconds): Promise<boolean>;
  /** Of these workers, those with an unexpired lease. */
  alive(workers: readonly string[], now: Microseconds): Promise<ReadonlySet<string>>;
}
