/** What goes wrong with a request that fits. Bytes count in the body of a PUT, in the answer's body of a GET. */
export type Fault =
  /** Answered at once, the request's body unread. */
  | { readonly kind: 'status'; readonly status: number }
  /** The connection is reset after so many bytes. */
  | { readonly kind: 'reset'; readonly after: number }
  /** The connection is ended, politely but early, after so many bytes. */
  | { readonly kind: 'short'; readonly after: number }
  /** No byte after so many; no answer at all to a PUT. */
  | { readonly kind: 'stall'; readonly after: number }
  /** Done, but the answer never comes: the connection is reset instead. */
  | { readonly kind: 'lost' }
  /** Done, but confirmed with the ETag of other bytes. */
  | { readonly kind: 'etag' };

export interface Planned {
  readonly method: string;
  /** Held against the path and query. */
  readonly path: RegExp;
  /** Requests that fit and pass before it begins. */
  readonly skip?: number;
  /** Requests that it meets; one when absent. */
  readonly times?: number;
  readonly fault: Fault;
}

/** Faults to come, in no order. */
export class Faults {
  #planned: { readonly plan: Planned; skip: number; times: number }[] = [];

  plan(plan: Planned): void {
    this.#planned.push({ plan, skip: plan.skip ?? 0, times: plan.times ?? 1 });
  }

  clear(): void {
    this.#planned = [];
  }

  /** Whether every planned fault has happened. */
  get spent(): boolean {
    return this.#planned.every(({ times }) => times === 0 || times === Number.POSITIVE_INFINITY);
  }

  for(method: string, url: string): Fault | undefined {
    for (const entry of this.#planned) {
      if (entry.plan.method !== method || !entry.plan.path.test(url) || entry.times === 0) continue;
      if (entry.skip > 0) {
        entry.skip -= 1;
        continue;
      }
      entry.times -= 1;
      return entry.plan.fault;
    }
    return undefined;
  }
}
