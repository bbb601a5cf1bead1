import type { FileHandle } from 'node:fs/promises';
import { asWriteError, rethrow } from './errors.js';

/** Bytes after which the disk starts to work while more are coming: waiting for it at the end alone costs a third of the throughput. */
const FLUSH_BYTES = 64 * 1024 * 1024;

/**
 * Writes all chunks to a new file of this mode and makes them durable. Returns the bytes written.
 * Throws storage-full, storage-denied, storage-unavailable; errors of the source pass as they are.
 */
export async function writeAll(
  file: FileHandle,
  mode: number,
  bytes: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): Promise<number> {
  let size = 0;
  let flushed = 0;
  let flushing: Promise<void> | undefined;
  let failure: { readonly error: unknown } | undefined;
  const flush = (): void => {
    flushed = size;
    flushing = file
      .datasync()
      .catch((error: unknown) => {
        failure = { error };
      })
      .finally(() => {
        flushing = undefined;
      });
  };
  const denied = rethrow(asWriteError);
  await file.chmod(mode).catch(denied);
  try {
    for await (const chunk of bytes) {
      signal.throwIfAborted();
      for (let offset = 0; offset < chunk.byteLength; ) {
        const { bytesWritten } = await file.write(chunk, offset, chunk.byteLength - offset, size).catch(denied);
        offset += bytesWritten;
        size += bytesWritten;
      }
      // A disk reports a failed write once only, maybe to this flush and not to the last one.
      if (failure) denied(failure.error);
      if (size - flushed >= FLUSH_BYTES && !flushing) flush();
    }
  } finally {
    await flushing;
  }
  if (failure) denied(failure.error);
  await file.sync().catch(denied);
  return size;
}
