import { isRegistryError, RegistryError } from '../domain/errors.js';
import type { Image, ImageId } from '../domain/image.js';
import type { ExternalSource, Location } from '../domain/location.js';
import type { Hasher } from '../domain/ports/hasher.js';
import type { StorePool } from '../domain/ports/store-pool.js';
import { pump } from '../stream/pump.js';
import { Turns } from './turns.js';

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

/** Readings at once for one owner; further ones wait for their turn. Nobody waits for the slow sources of others. */
const AT_ONCE = 2;

export type Measure = (location: Location, algorithm: string) => Promise<Measured>;

interface Reading {
  readonly stop: AbortController;
  /** Resolves when all tasks of the image are over. */
  readonly over: Promise<void>;
}

/** Reads the bytes at external locations once, in the background, for their digests. */
export class LocationHashes {
  readonly #readings = new Map<ImageId, Reading>();
  readonly #turns = new Map<string | null, Turns>();
  #closed = false;

  constructor(private readonly options: LocationHashesOptions) {}

  /** Runs `task` with a way to measure the image's bytes, after the tasks of this image that came before; `task` handles its own errors. */
  start({ id, owner }: Pick<Image, 'id' | 'owner'>, task: (measure: Measure) => Promise<void>): void {
    if (this.#closed) return;
    const { stop, over: before } = this.#readings.get(id) ?? { stop: new AbortController(), over: Promise.resolve() };
    const measure: Measure = (location, algorithm) => this.#measure(location, algorithm, stop.signal);
    const over = before
      .then(() => this.#inTurn(owner, () => task(measure)))
      .finally(() => {
        if (this.#readings.get(id)?.over === over) this.#readings.delete(id);
      });
    this.#readings.set(id, { stop, over });
  }

  /** Breaks off what is running or waiting for an image. */
  cancel(id: ImageId): void {
    this.#readings.get(id)?.stop.abort(cancelled());
  }

  async close(): Promise<void> {
    this.#closed = true;
    const all = [...this.#readings.values()];
    for (const { stop } of all) stop.abort(cancelled());
    await Promise.all(all.map(({ over }) => over));
  }

  async #inTurn(owner: string | null, work: () => Promise<void>): Promise<void> {
    const turns = this.#turns.get(owner) ?? new Turns(AT_ONCE);
    this.#turns.set(owner, turns);
    try {
      await turns.take(work);
    } finally {
      if (turns.idle) this.#turns.delete(owner);
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
