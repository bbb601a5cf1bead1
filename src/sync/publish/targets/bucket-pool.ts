import { randomUUID } from 'node:crypto';
import { RegistryError } from '../../../domain/errors.js';
import type { BucketObjects } from './bucket-objects.js';

/** Where bytes are whose hash was not known when they were sent, and the empty objects that say which hash they turned out to have. */
const POOL = '.pool/';
const NAME = /^\.pool\/([0-9a-f]{64})-(\d{1,16})-([0-9a-f-]{36})$/;

export interface Pooled {
  readonly name: string;
  readonly size: number;
  /** The object that says that this is the blob. */
  readonly label: string;
}

/**
 * Blobs that no path of a bucket has yet. An object cannot be renamed, and its name has to be known before its bytes: so they are sent under
 * a name of their own, a label says what they are once that is known, and from there they are copied to their paths within the service.
 */
export class BucketPool {
  readonly #objects: BucketObjects;
  readonly #blobs = new Map<string, Pooled>();
  readonly #doomed = new Set<string>();

  /** `listed`: what is in the bucket, by name and size. */
  constructor(objects: BucketObjects, listed: ReadonlyMap<string, number>) {
    this.#objects = objects;
    const whole = new Set<string>();
    for (const label of listed.keys()) {
      const [, sha256, digits, id] = NAME.exec(label) ?? [];
      const name = `${POOL}blob-${id}`;
      if (sha256 === undefined || listed.get(name) !== Number(digits)) continue;
      this.#blobs.set(sha256, { name, size: Number(digits), label });
      whole.add(label).add(name);
    }
    for (const name of listed.keys()) if (name.startsWith(POOL) && !whole.has(name)) this.#doomed.add(name);
  }

  get(sha256: string): Pooled | undefined {
    return this.#blobs.get(sha256);
  }

  /** RepositoryTarget.addBlob. A blob that is there already stays; so do the bytes of this one, until the pool is cleaned. */
  async add(bytes: AsyncIterable<Uint8Array>, sealed: () => Promise<string>, signal: AbortSignal): Promise<void> {
    const id = randomUUID();
    const name = `${POOL}blob-${id}`;
    const size = await this.#objects.fill(name, bytes, signal);
    this.#doomed.add(name);
    try {
      const sha256 = await sealed();
      if (!/^[0-9a-f]{64}$/.test(sha256)) throw new Error(`Not a SHA-256: ${JSON.stringify(sha256)}`);
      signal.throwIfAborted();
      if (this.#blobs.has(sha256)) return await this.#drop(name);
      const label = `${POOL}${sha256}-${size}-${id}`;
      await this.#objects.put(label, new Uint8Array());
      this.#doomed.delete(name);
      this.#blobs.set(sha256, { name, size, label });
    } catch (error) {
      await this.#drop(name).catch(() => {});
      throw error;
    }
  }

  /** Takes a blob out. Quiet when it is not there. */
  async remove(sha256: string): Promise<void> {
    const found = this.#blobs.get(sha256);
    if (found === undefined) return;
    this.#blobs.delete(sha256);
    this.#doomed.add(found.label).add(found.name);
    await this.clean();
  }

  /** Takes out what killed and failed runs left. */
  async clean(): Promise<void> {
    for (const name of this.#doomed) await this.#drop(name);
  }

  /** Takes out everything: what was published has paths of its own by now. */
  async empty(): Promise<void> {
    for (const sha256 of [...this.#blobs.keys()]) await this.remove(sha256);
    await this.clean();
  }

  async #drop(name: string): Promise<void> {
    await this.#objects.remove(name);
    this.#doomed.delete(name);
  }
}

/** A blob that is nowhere in the bucket. */
export function missingBlob(sha256: string): RegistryError {
  return new RegistryError('not-found', `There is no blob ${sha256} in the repository.`);
}
