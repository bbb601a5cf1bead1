import { isRegistryError, RegistryError } from '../domain/errors.js';
import type { ImageId } from '../domain/image.js';
import type { ExternalSource, Location } from '../domain/location.js';
import type { Hasher } from '../domain/ports/hasher.js';
import type { StorePool } from '../domain/ports/store-pool.js';
import { pump } from '../stream/pump.js';

export interface LocationHashesOptions {
  readonly stores: StorePool;
  readonly hasher: Hasher;
  /** `image_size_cap`, bytes. */
  readonly sizeCap: number;
  /** `http_retries`: further tries after the first when a source breaks off. */
  readonly retries: number;
}

/** What one whole reading of a location found. */
export interface Measured {
  readonly size: number;
  readonly checksum: string;
  readonly algorithm: string;
  readonly value: string;
  readonly etag: string | null;
}

/** Readings at once; the others wait for their turn. */
const AT_ONCE = 2;

/** Reads the bytes at external locations once, in the background, for their digests. */
export class LocationHashes {
  readonly #running = new Map<ImageId, AbortController>();
  readonly #tasks = new Set<Promise<void>>();
  readonly #waiting: (() => void)[] = [];
  #free = AT_ONCE;
  #closed = false;

  constructor(private readonly options: LocationHashesOptions) {}

  /** Runs `task` with a way to measure the image's bytes, after those that came before; `task` handles its own errors. */
  start(
    id: ImageId,
    task: (measure: (location: Location, algorithm: string) => Promise<Measured>) => Promise<void>,
  ): void {
    if (this.#closed) return;
    const stop = new AbortController();
    this.#running.get(id)?.abort(cancelled());
    this.#running.set(id, stop);
    const run = this.#inTurn(() =>
      task((location, algorithm) => this.#measure(location, algorithm, stop.signal)),
    ).finally(() => {
      this.#tasks.delete(run);
      if (this.#running.get(id) === stop) this.#running.delete(id);
    });
    this.#tasks.add(run);
  }

  /** Breaks off what is running or waiting for an image. */
  cancel(id: ImageId): void {
    this.#running.get(id)?.abort(cancelled());
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const stop of this.#running.values()) stop.abort(cancelled());
    await Promise.all(this.#tasks);
  }

  async #inTurn(work: () => Promise<void>): Promise<void> {
    if (this.#free === 0) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#free -= 1;
    try {
      await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free += 1;
      else next();
    }
  }

  async #measure(location: Location, algorithm: string, signal: AbortSignal): Promise<Measured> {
    for (let tries = 0; ; tries += 1) {
      try {
        return await this.#read(location, algorithm, signal);
      } catch (error) {
        if (signal.aborted || tries >= this.options.retries || !isRegistryError(error, 'storage-unavailable'))
          throw error;
      }
    }
  }

  async #read(location: Location, algorithm: string, signal: AbortSignal): Promise<Measured> {
    const { stores, hasher, sizeCap } = this.options;
    signal.throwIfAborted();
    const opened = await stores.forLocation(location).open(location, undefined, signal);
    try {
      const { size, digests } = await pump(opened.bytes, {
        signal,
        hasher,
        algorithms: ['md5', algorithm],
        onBytes(total) {
          if (total > sizeCap) throw new RegistryError('too-large', `The source is larger than ${sizeCap} bytes.`);
        },
        sink: drained,
      });
      const [checksum = '', value = ''] = digests;
      return { size, checksum, algorithm, value, etag: opened.etag ?? null };
    } finally {
      await opened.close();
    }
  }
}

/** What is recorded of a location after it was measured. */
export function recorded(external: ExternalSource, { size, etag, algorithm, value }: Measured): ExternalSource {
  return { ...external, size, etag, digest: { algorithm, value } };
}

async function drained(bytes: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const _ of bytes);
}

function cancelled(): RegistryError {
  return new RegistryError('gone', 'The image has gone.');
}
