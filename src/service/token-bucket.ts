/**
 * What may be spent at a steady rate, and at once up to `capacity` when it was saved. It may be overdrawn, by what is known only afterwards;
 * then there is nothing until the debt is paid. Times are seconds of a clock that never goes back.
 */
export class TokenBucket {
  #left: number;
  #at: number;

  constructor(
    readonly rate: number,
    readonly capacity: number,
    now: number,
  ) {
    this.#left = capacity;
    this.#at = now;
  }

  /** Seconds until `amount` may be spent; 0 when it may be now. */
  wait(amount: number, now: number): number {
    this.#fill(now);
    return this.#left >= amount ? 0 : (amount - this.#left) / this.rate;
  }

  spend(amount: number, now: number): void {
    this.#fill(now);
    this.#left -= amount;
  }

  #fill(now: number): void {
    if (now > this.#at) this.#left = Math.min(this.capacity, this.#left + (now - this.#at) * this.rate);
    this.#at = now;
  }
}
