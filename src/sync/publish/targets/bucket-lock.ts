import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { isNotImplemented, isPrecondition } from '../../../../stores/s3/errors.js';
import { RegistryError } from '../../../domain/errors.js';
import type { Workers } from '../../../domain/ports/workers.js';
import type { BucketObjects, Condition } from './bucket-objects.js';

export interface LockTimes {
  /** Milliseconds without a sign of life after which a publisher counts as dead. */
  readonly patience: number;
  /** Milliseconds between signs of life. */
  readonly renewal: number;
  /** Milliseconds after which two publishers that wrote at once, on a service without conditions, have both seen who was last. */
  readonly settling: number;
}

export const LOCK_TIMES: LockTimes = { patience: 120_000, renewal: 20_000, settling: 2000 };

const NAME = '.state/lock';

/**
 * An object that says who publishes into a bucket, written anew every while. One whose writer certainly runs no more, or that was not written for
 * long by the service's own clock, is taken over. Where the service knows conditions on writes it decides who gets it; elsewhere the last writer does.
 */
export class BucketLock {
  readonly #objects: BucketObjects;
  readonly #holder: string;
  readonly #times: LockTimes;
  readonly #name: string;
  readonly #token = randomUUID();
  #count = 0;
  #etag: string | undefined;
  #renewed = performance.now();
  #lost = false;
  #timer: NodeJS.Timeout | undefined;
  #renewing: Promise<void> = Promise.resolve();

  private constructor(objects: BucketObjects, holder: string, name: string, times: LockTimes) {
    this.#objects = objects;
    this.#holder = holder;
    this.#name = name;
    this.#times = times;
  }

  /** Throws busy while another publisher lives. `name`: the place, for people. */
  static async take(objects: BucketObjects, workers: Workers, name: string, times = LOCK_TIMES): Promise<BucketLock> {
    const lock = new BucketLock(objects, workers.self, name, times);
    const condition = await lock.#opportunity(workers);
    const sure = await lock.#claim(condition);
    if (!sure) await pause(times.settling);
    if (!(await lock.#isOurs())) throw busy(name);
    lock.#timer = setInterval(() => {
      lock.#renewing = lock.renew();
    }, times.renewal);
    lock.#timer.unref();
    return lock;
  }

  /** Throws busy when the lock may be another's by now: a publisher that was stopped for long must not go on as if nothing had happened. */
  check(): void {
    if (this.#lost || performance.now() - this.#renewed > this.#times.patience * 0.8) throw busy(this.#name);
  }

  async release(): Promise<void> {
    clearInterval(this.#timer);
    await this.#renewing;
    if (!this.#lost && (await this.#isOurs())) await this.#objects.remove(NAME);
  }

  /** What must hold when the lock is written: nobody has it, or still the one who is dead. */
  async #opportunity(workers: Workers): Promise<Condition> {
    const found = await this.#objects.head(NAME);
    const holder = found && holderIn(await this.#objects.text(NAME));
    if (found === undefined) return { ifNoneMatch: '*' };
    const dead = holder !== undefined && workers.isGone(holder);
    if (!dead && (await this.#age(found.modified)) < this.#times.patience) throw busy(this.#name);
    return found.etag === undefined ? { ifNoneMatch: '*' } : { ifMatch: found.etag };
  }

  async #age(modified: Date | undefined): Promise<number> {
    return modified === undefined ? 0 : (await this.#objects.now()).getTime() - modified.getTime();
  }

  /** Writes the lock, and tells whether the service made sure that nobody else did. */
  async #claim(condition: Condition): Promise<boolean> {
    try {
      this.#etag = await this.#write(condition);
      // A service that keeps conditions refuses to make what is there.
      this.#etag = await this.#write({ ifNoneMatch: '*' });
      return false;
    } catch (error) {
      // Some know this one condition only.
      if (isPrecondition(error)) return 'ifNoneMatch' in condition;
      if (!isNotImplemented(error)) throw error;
      this.#etag = await this.#write(undefined);
      return false;
    }
  }

  async #write(condition: Condition | undefined): Promise<string | undefined> {
    this.#count += 1;
    const body = JSON.stringify({ holder: this.#holder, token: this.#token, count: this.#count });
    return this.#objects.put(NAME, Buffer.from(body), undefined, condition);
  }

  async #isOurs(): Promise<boolean> {
    return (await this.#objects.text(NAME))?.includes(`"${this.#token}"`) ?? false;
  }

  /** Gives a sign of life, as happens every while. A failure is no loss yet: the next one may succeed before the patience of others ends. */
  async renew(): Promise<void> {
    const began = performance.now();
    try {
      // Services that pass conditions over would let us write over another's.
      this.#lost ||= !(await this.#isOurs());
      if (this.#lost) return;
      const known = this.#etag;
      this.#etag = await this.#write(known === undefined ? undefined : { ifMatch: known });
      this.#renewed = began;
    } catch (error) {
      if (isNotImplemented(error)) this.#etag = undefined;
      else if (isPrecondition(error)) await this.#recover();
    }
  }

  /** After an answer that was lost, the lock is ours all the same. */
  async #recover(): Promise<void> {
    const found = await this.#objects.head(NAME).catch(() => undefined);
    const ours = await this.#isOurs().catch(() => undefined);
    if (ours === false) this.#lost = true;
    else if (ours === true) this.#etag = found?.etag;
  }
}

function busy(name: string): RegistryError {
  return new RegistryError('busy', `Another publisher is at work in ${name}.`);
}

function holderIn(text: string | undefined): string | undefined {
  try {
    const value: unknown = JSON.parse(text ?? '');
    const holder: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, 'holder') : undefined;
    return typeof holder === 'string' ? holder : undefined;
  } catch {
    return undefined;
  }
}
