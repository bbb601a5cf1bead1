import type { Writable } from 'node:stream';

/** What turns bytes into other bytes: zlib in this process, or a tool beside it. Takes and gives at the same time, in bounded memory. */
export interface Engine {
  /** Takes all of `bytes`; when it resolves, or throws, the memory may be used again. Silent after a failure: the output tells. */
  write(bytes: Uint8Array): Promise<void>;
  /** No more bytes will come. */
  end(): void;
  /** Throws CompressionError when the bytes were not what they should be, and when the engine broke. */
  readonly output: AsyncIterable<Uint8Array>;
  /** Called once all output has come. Throws as `output` does. */
  check(): Promise<void>;
  /** Stops whatever still runs, at any time; `output` ends or throws. Resolves when nothing is left. */
  stop(): Promise<void>;
}

/** Writes to a stream and waits until the stream is done with the memory, or closed. */
export function written(stream: Writable, bytes: Uint8Array): Promise<void> {
  if (stream.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      stream.off('close', done);
      resolve();
    };
    stream.once('close', done);
    stream.write(bytes, done);
  });
}
