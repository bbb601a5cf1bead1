/** Digests of one stream of bytes. */
export interface Digest {
  /** Takes the next bytes. Resolves when they may be reused by the caller; throttles the caller when hashing lags. */
  update(chunk: Uint8Array): Promise<void> | void;
  /** Hex digests in the order of the algorithms asked for. */
  finish(): Promise<readonly string[]>;
  /** Gives the resources back without a result; harmless after finish. */
  abort(): void;
}

/** Computes digests without blocking the event loop for more than a few milliseconds at a time. */
export interface Hasher {
  /** Algorithms by the names that clients know: `md5`, `sha512`, `sha3_256`, ... */
  start(algorithms: readonly string[]): Digest;
  close(): Promise<void>;
}
