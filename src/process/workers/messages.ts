import type { MetricsSnapshot } from '../metrics.js';

/** What a worker tells its supervisor. */
export type FromWorker =
  /** It takes requests at this URL. */
  | { readonly kind: 'serving'; readonly url: string }
  /** It cannot start, and why, in words for the operator. */
  | { readonly kind: 'failed'; readonly message: string; readonly exitCode: number }
  | { readonly kind: 'metrics'; readonly snapshot: MetricsSnapshot }
  /** It changed images, which concerns the worker that publishes. */
  | { readonly kind: 'changed' };

/** What a supervisor asks or tells a worker; it stops workers by SIGTERM and has them open their logs anew by SIGHUP. */
export type ToWorker = { readonly kind: 'metrics' } | { readonly kind: 'changed' };

/** Environment variable with the number of the worker's slot. One that is replaced leaves it to its successor. */
export const SLOT = 'GLIMPSE_WORKER_SLOT';
