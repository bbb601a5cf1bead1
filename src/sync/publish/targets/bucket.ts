import { createContext } from '../../../../stores/s3/client.js';
import { RegistryError } from '../../../domain/errors.js';
import type { Workers } from '../../../domain/ports/workers.js';
import { sideBySide } from '../../side-by-side.js';
import type { RepositoryTarget } from '../ports.js';
import { servedAs } from '../served-as.js';
import { BucketContents, LEDGER } from './bucket-contents.js';
import { placedError } from './bucket-errors.js';
import { completeGeneration, prepareGeneration } from './bucket-generation.js';
import { readJournal } from './bucket-ledger.js';
import { BucketLock, type LockTimes } from './bucket-lock.js';
import { BucketObjects } from './bucket-objects.js';
import type { BucketPlace } from './bucket-place.js';
import { missingBlob } from './bucket-pool.js';

export interface BucketTargetOptions {
  readonly place: BucketPlace;
  /** This process among those that publish. */
  readonly workers: Workers;
  readonly lockTimes?: LockTimes;
  /** Bytes that one request copies within the service. */
  readonly copyBytes?: number;
}

const JOURNAL = '.state/journal';
const AT_ONCE = 8;

/**
 * A repository in a bucket, where nothing can be swapped: everything is written in an order in which readers find whatever they were told of,
 * and what has left is removed last. Images are sent once and copied within the service. Nothing is sent before the first use.
 */
export async function openBucketTarget(options: BucketTargetOptions): Promise<RepositoryTarget> {
  const context = await createContext(options.place.store);
  return new BucketTarget(new BucketObjects(context, options.place.prefix), options);
}

class BucketTarget implements RepositoryTarget {
  readonly links = false;
  readonly name: string;
  #lock: BucketLock | undefined;
  #contents: Promise<BucketContents> | undefined;

  constructor(
    private readonly objects: BucketObjects,
    private readonly options: BucketTargetOptions,
  ) {
    this.name = options.place.name;
  }

  async lock(): Promise<() => Promise<void>> {
    return this.#placed(async () => {
      await this.#refuseForeign();
      const lock = await BucketLock.take(this.objects, this.options.workers, this.name, this.options.lockTimes);
      this.#lock = lock;
      this.#contents = undefined;
      return async () => {
        this.#lock = undefined;
        await this.#placed(() => lock.release());
      };
    });
  }

  async repair(): Promise<void> {
    await this.#placed(async () => {
      for (const beginning of ['.pool/', 'images/']) await this.objects.abandonUploads(beginning);
      const contents = await this.#load();
      const text = await this.objects.text(JOURNAL);
      const journal = text === undefined ? undefined : readJournal(text);
      if (journal !== undefined && journal.ledger.generation > contents.ledger.generation) {
        await completeGeneration(this.objects, contents, journal, this.#alive);
      }
      if (text !== undefined) await this.objects.remove(JOURNAL);
      await contents.confirm();
      await contents.pool.clean();
    });
  }

  async generation(): Promise<number> {
    return this.#placed(async () => (await this.#load()).ledger.generation);
  }

  async readState(): Promise<string | undefined> {
    return this.#placed(async () => (await this.#load()).ledger.state);
  }

  async readRecord(name: string): Promise<string | undefined> {
    return this.#placed(() => this.objects.text(recordName(name)));
  }

  async writeRecord(name: string, text: string): Promise<void> {
    await this.#placed(() => this.objects.put(recordName(name), Buffer.from(text)));
  }

  async blobSize(sha256: string): Promise<number | undefined> {
    return this.#placed(async () => (await this.#load()).sourceOf(sha256)?.size);
  }

  async *readBlob(sha256: string): AsyncGenerator<Uint8Array, void, undefined> {
    const bytes = await this.#placed(async () => {
      const source = (await this.#load()).sourceOf(sha256);
      return source && this.objects.read(source.name);
    });
    if (bytes === undefined) throw missingBlob(sha256);
    yield* bytes;
  }

  async removeBlob(sha256: string): Promise<void> {
    await this.#placed(async () => (await this.#load()).forget(sha256));
  }

  async addBlob(...[bytes, sealed, signal]: Parameters<RepositoryTarget['addBlob']>): Promise<void> {
    await this.#placed(async () => (await this.#load()).pool.add(bytes, sealed, signal));
  }

  async publish(...[generation, files, state, signal]: Parameters<RepositoryTarget['publish']>): Promise<void> {
    await this.#placed(async () => {
      const contents = await this.#load();
      const { copyBytes } = this.options;
      this.#alive();
      const journal = await prepareGeneration(this.objects, contents, {
        generation,
        files,
        state,
        signal,
        ...(copyBytes === undefined ? {} : { copyBytes }),
      });
      this.#alive();
      signal.throwIfAborted();
      await completeGeneration(this.objects, contents, journal, this.#alive, JOURNAL);
    });
  }

  async touch(path: string, text: Uint8Array): Promise<void> {
    await this.#placed(() => this.objects.put(path, text, servedAs(path)));
  }

  async clean(): Promise<void> {
    await this.#placed(async () => {
      const contents = await this.#load();
      this.#alive();
      await contents.pool.empty();
      await sideBySide(contents.doomed(), AT_ONCE, (name) => this.objects.remove(name));
      await contents.forgetDoomed();
    });
  }

  async *paths(): AsyncGenerator<string, void, undefined> {
    for await (const { name } of this.objects.list()) {
      if (!name.split('/').some((segment) => segment.startsWith('.'))) yield name;
    }
  }

  async read(path: string): Promise<AsyncIterable<Uint8Array> | undefined> {
    return this.#placed(() => this.objects.read(path));
  }

  async close(): Promise<void> {
    await this.objects.close();
  }

  /** What is there, looked at once: under the lock nobody else changes it. */
  #load(): Promise<BucketContents> {
    this.#contents ??= BucketContents.load(this.objects, this.name).catch((error: unknown) => {
      this.#contents = undefined;
      throw error;
    });
    return this.#contents;
  }

  readonly #alive = (): void => this.#lock?.check();

  async #refuseForeign(): Promise<void> {
    for await (const { name } of this.objects.list()) {
      // Names with a dot come first, in almost every case.
      if (name.startsWith('.state/') || name.startsWith('.pool/') || (await this.objects.head(LEDGER))) return;
      throw new RegistryError(
        'invalid',
        `${this.name} holds other objects and no repository: name another bucket, or a prefix of its own.`,
      );
    }
  }

  async #placed<T>(act: () => Promise<T>): Promise<T> {
    try {
      return await act();
    } catch (error) {
      throw placedError(error, this.name);
    }
  }
}

function recordName(name: string): string {
  return `.state/record-${name}`;
}
