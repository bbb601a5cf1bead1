import { availableParallelism } from 'node:os';
import type { Digest, Hasher } from '../domain/ports/hasher.js';
import { newHash } from './new-hash.js';
import { HashingThread, type ThreadDigest } from './thread.js';

/** Below this a message to a thread costs more than it saves; one MiB of MD5 and SHA-512 takes about two milliseconds. */
const WORTH_A_THREAD = 1024 * 1024;

/** Two threads let MD5 and SHA-512 of one upload run side by side; more serve uploads that run at once. */
const MOST_THREADS = 4;

/**
 * A hasher that computes small bodies at once and hands large ones to threads, which start with the first large body.
 * A stream is large when its first chunk is at least a MiB. Chunks in shared memory are hashed where they lie, others are copied.
 */
export function createHasher(threadCount = Math.max(2, Math.min(availableParallelism(), MOST_THREADS))): Hasher {
  let threads: HashingThread[] = [];
  const assign = (): HashingThread => {
    // A thread that died took its digests with it; the next ones get a new thread.
    threads = threads.filter((thread) => thread.alive);
    if (threads.length < threadCount) {
      const started = new HashingThread();
      threads.push(started);
      return started;
    }
    return threads.reduce((best, thread) => (thread.digests < best.digests ? thread : best));
  };
  return {
    start: (algorithms) => new ChosenDigest(algorithms, assign),
    async close() {
      await Promise.all(threads.splice(0).map((thread) => thread.close()));
    },
  };
}

/** Hashes on the calling thread; for small bodies and as the reference in tests. */
export function createInlineHasher(): Hasher {
  return { start: (algorithms) => new InlineDigest(algorithms), close: async () => {} };
}

class InlineDigest implements Digest {
  readonly #hashes;

  constructor(algorithms: readonly string[]) {
    this.#hashes = algorithms.map((algorithm) => newHash(algorithm));
  }

  update(chunk: Uint8Array): void {
    for (const hash of this.#hashes) hash.update(chunk);
  }

  async finish(): Promise<readonly string[]> {
    return this.#hashes.map((hash) => hash.digest('hex'));
  }

  abort(): void {}
}

class ThreadedDigest implements Digest {
  readonly #digests: readonly ThreadDigest[];

  constructor(algorithms: readonly string[], assign: () => HashingThread) {
    this.#digests = algorithms.map((algorithm) => assign().start(algorithm));
  }

  async update(chunk: Uint8Array): Promise<void> {
    await Promise.all(this.#digests.map((digest) => digest.update(chunk)));
  }

  finish(): Promise<readonly string[]> {
    return Promise.all(this.#digests.map((digest) => digest.finish()));
  }

  abort(): void {
    for (const digest of this.#digests) digest.abort();
  }
}

/** Decides by the first chunk how to hash the stream. */
class ChosenDigest implements Digest {
  readonly #algorithms: readonly string[];
  readonly #assign: () => HashingThread;
  #digest: Digest | undefined;

  constructor(algorithms: readonly string[], assign: () => HashingThread) {
    // Throws for an unknown algorithm here, where it fails one stream, and not in the thread that many share.
    for (const algorithm of algorithms) newHash(algorithm);
    this.#algorithms = algorithms;
    this.#assign = assign;
  }

  update(chunk: Uint8Array): Promise<void> | void {
    this.#digest ??=
      chunk.byteLength < WORTH_A_THREAD
        ? new InlineDigest(this.#algorithms)
        : new ThreadedDigest(this.#algorithms, this.#assign);
    return this.#digest.update(chunk);
  }

  finish(): Promise<readonly string[]> {
    this.#digest ??= new InlineDigest(this.#algorithms);
    return this.#digest.finish();
  }

  abort(): void {
    this.#digest?.abort();
  }
}
