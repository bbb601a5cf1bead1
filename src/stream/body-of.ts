import { getDefaultHighWaterMark, Readable } from 'node:stream';

/**
 * A request's body from chunks that are valid only until the next one is asked for. Without a buffer of its own it asks only when the socket wants more:
 * after a chunk that fills the socket's buffer, when the kernel has it; after a smaller one at once, which is why those are copied.
 * An end before all is read returns the iteration.
 */
export function bodyOf(bytes: AsyncIterable<Uint8Array>): Readable {
  const iterator = bytes[Symbol.asyncIterator]();
  const fills = getDefaultHighWaterMark(false);
  const pull = async (stream: Readable): Promise<void> => {
    try {
      const { done, value } = await iterator.next();
      if (done) stream.push(null);
      else stream.push(value.byteLength < fills ? Buffer.from(value) : value);
    } catch (error) {
      stream.destroy(error instanceof Error ? error : new Error(String(error)));
    }
  };
  return new Readable({
    highWaterMark: 0,
    read() {
      void pull(this);
    },
    destroy(error, done) {
      // Not waited for: the source may be silent for long.
      iterator.return?.()?.catch(() => {});
      done(error);
    },
  });
}
