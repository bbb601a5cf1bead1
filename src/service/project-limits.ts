import { TokenBucket } from './token-bucket.js';

/** What one project may do; 0 is no limit. */
export interface LimitRules {
  readonly requestsPerSecond: number;
  /** Requests that may come at once. */
  readonly burst: number;
  readonly concurrentUploads: number;
  /** Bytes in `period` seconds. */
  readonly uploadBytes: number;
  readonly downloadBytes: number;
  readonly period: number;
  /** Projects that are remembered: beyond them the one that was not heard of for longest is forgotten. */
  readonly tracked: number;
}

/** What the connection of a request has carried since it was asked last, in bytes. */
export type Traffic = () => { readonly received: number; readonly sent: number };

export interface AskedFor {
  readonly uploads: boolean;
  readonly downloads: boolean;
  readonly traffic: Traffic;
}

export type LimitedBy = 'requests' | 'uploads' | 'upload-bytes' | 'download-bytes';

/** Leave for one request, to be given back when it is over; or what it exceeds, and the seconds after which there is a point in trying again. */
export type Leave = { readonly end: () => void } | { readonly limitedBy: LimitedBy; readonly retryAfter: number };

/** Seconds after which an upload may have ended: nobody knows. */
const UPLOAD_RETRY = 10;

interface Account {
  readonly requests: TokenBucket | undefined;
  readonly uploaded: TokenBucket | undefined;
  readonly downloaded: TokenBucket | undefined;
  readonly running: Set<Traffic>;
  uploads: number;
}

/**
 * Limits of projects, counted in this process. Bytes are charged as they flow, those of requests that are still running too; a request
 * that was let in is never cut off, so what it overdraws is paid by those that follow.
 */
export class ProjectLimits {
  readonly #accounts = new Map<string, Account>();

  /** `now`: seconds of a clock that never goes back. */
  constructor(
    readonly rules: LimitRules,
    readonly now: () => number = () => performance.now() / 1000,
  ) {}

  /** Projects that are remembered. */
  get size(): number {
    return this.#accounts.size;
  }

  admit(project: string, { uploads, downloads, traffic }: AskedFor): Leave {
    const account = this.#account(project);
    const now = this.now();
    for (const running of account.running) this.#charge(account, running, now);
    const { requests, uploaded, downloaded } = account;
    const tired = requests?.wait(1, now) ?? 0;
    if (tired > 0) return { limitedBy: 'requests', retryAfter: tired };
    requests?.spend(1, now);
    if (uploads) {
      const most = this.rules.concurrentUploads;
      if (most > 0 && account.uploads >= most) return { limitedBy: 'uploads', retryAfter: UPLOAD_RETRY };
      const wait = uploaded?.wait(1, now) ?? 0;
      if (wait > 0) return { limitedBy: 'upload-bytes', retryAfter: wait };
    }
    const wait = downloads ? (downloaded?.wait(1, now) ?? 0) : 0;
    if (wait > 0) return { limitedBy: 'download-bytes', retryAfter: wait };
    account.running.add(traffic);
    if (uploads) account.uploads += 1;
    return {
      end: () => {
        if (!account.running.delete(traffic)) return;
        if (uploads) account.uploads -= 1;
        this.#charge(account, traffic, this.now());
      },
    };
  }

  #charge({ uploaded, downloaded }: Account, traffic: Traffic, now: number): void {
    const { received, sent } = traffic();
    uploaded?.spend(received, now);
    downloaded?.spend(sent, now);
  }

  #account(project: string): Account {
    const account = this.#accounts.get(project) ?? this.#open();
    // Last in the map is last heard of.
    this.#accounts.delete(project);
    this.#accounts.set(project, account);
    if (this.#accounts.size > this.rules.tracked) this.#forget();
    return account;
  }

  #open(): Account {
    const { requestsPerSecond, burst, uploadBytes, downloadBytes, period } = this.rules;
    const now = this.now();
    const bucket = (rate: number, capacity: number) => (rate > 0 ? new TokenBucket(rate, capacity, now) : undefined);
    return {
      requests: bucket(requestsPerSecond, Math.max(1, burst)),
      uploaded: bucket(uploadBytes / period, uploadBytes),
      downloaded: bucket(downloadBytes / period, downloadBytes),
      running: new Set(),
      uploads: 0,
    };
  }

  /** Those with running requests stay: as many as there are connections. */
  #forget(): void {
    for (const [project, account] of this.#accounts) {
      if (account.running.size > 0) continue;
      this.#accounts.delete(project);
      return;
    }
  }
}
