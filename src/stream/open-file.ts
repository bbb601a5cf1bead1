import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { RegistryError } from '../domain/errors.js';
import type { ByteRange, Opened } from '../domain/ports/store.js';
import { asReadError } from './file-errors.js';

const CHUNK_BYTES = 256 * 1024;

/** A file's bytes, as Store.open gives them. A link in place of the file is refused: it could lead anywhere. */
export async function openFile(path: string, range: ByteRange | undefined, signal: AbortSignal): Promise<Opened> {
  signal.throwIfAborted();
  // What is no file is not waited for: a pipe would be, until somebody writes.
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const file = await open(path, flags).catch((error: unknown) => {
    throw asReadError(error);
  });
  try {
    const stat = await file.stat();
    if (!stat.isFile()) throw new RegistryError('not-found', 'The bytes of the image are not in the store.');
    return openedFile(file, stat.size, range, signal);
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** The bytes of a file of `size` bytes that is open already; it is closed with them. Throws range. */
export function openedFile(file: FileHandle, size: number, range: ByteRange | undefined, signal: AbortSignal): Opened {
  const { start, end } = within(range, size);
  let closed: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closed ??= file.close();
    return closed;
  };
  return {
    size,
    file: { fd: file.fd, start, length: end - start },
    bytes: read(file, start, end, signal, close),
    close,
  };
}

/** First byte and the one after the last. Throws range for one that starts behind the end, or ends before its start. */
export function within(range: ByteRange | undefined, size: number): { start: number; end: number } {
  if (!range) return { start: 0, end: size };
  if (range.start < 0 || range.start >= size || range.end < range.start) {
    throw new RegistryError('range', `The range ${range.start}-${range.end} is not within ${size} bytes.`);
  }
  return { start: range.start, end: Math.min(range.end + 1, size) };
}

/** One buffer is enough: a chunk is valid only until the next is asked for. */
async function* read(
  file: FileHandle,
  start: number,
  end: number,
  signal: AbortSignal,
  close: () => Promise<void>,
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    const buffer = Buffer.allocUnsafeSlow(Math.min(CHUNK_BYTES, Math.max(1, end - start)));
    for (let position = start; position < end; ) {
      signal.throwIfAborted();
      const { bytesRead } = await file.read(buffer, 0, Math.min(buffer.length, end - position), position);
      if (bytesRead === 0) return;
      position += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  } catch (error) {
    throw asReadError(error);
  } finally {
    await close();
  }
}
