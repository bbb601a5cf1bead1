import { read } from 'node:fs';
import type { ServerResponse } from 'node:http';
import type { Opened } from '../domain/ports/store.js';

/** Large, because waking a reading thread costs more than it reads; two of them per download is what a client may hold. */
const BUFFER_BYTES = 1024 * 1024;

export interface Sent {
  /** Bytes of the body that were handed to the connection. */
  readonly bytes: number;
  /** Whether the client was given the whole body. */
  readonly complete: boolean;
}

/**
 * Sends what a store opened as the body of a response and closes it, however it ends. Status and headers are the caller's.
 * `length` (bytes) is what Content-Length promises: never more are sent, and a source with fewer destroys the connection,
 * since only that tells the client. Resolves also when the client goes away (`complete: false`); throws when the source fails,
 * with the connection destroyed.
 */
export async function send(
  response: ServerResponse,
  opened: Opened,
  length: number | undefined,
  signal?: AbortSignal,
): Promise<Sent> {
  const outlet = new Outlet(response, length, signal);
  try {
    if (opened.file) await sendFile(outlet, opened.file);
    else await sendBytes(outlet, opened.bytes);
    return await outlet.end();
  } catch (error) {
    if (outlet.gone) return { bytes: outlet.bytes, complete: false };
    response.destroy();
    throw error;
  } finally {
    outlet.release();
    await opened.close();
  }
}

/** Two buffers: the next piece is read while the last is flushed. */
async function sendFile(outlet: Outlet, file: NonNullable<Opened['file']>): Promise<void> {
  const wanted = Math.min(file.length, outlet.left);
  const size = Math.max(1, Math.min(BUFFER_BYTES, wanted));
  let [buffer, other] = [Buffer.allocUnsafeSlow(size), Buffer.allocUnsafeSlow(size)];
  let flushed: Promise<void> = Promise.resolve();
  try {
    for (let done = 0; done < wanted; ) {
      const count = await readAt(file.fd, buffer, Math.min(size, wanted - done), file.start + done);
      await flushed;
      if (count === 0 || outlet.gone) return;
      flushed = outlet.write(buffer.subarray(0, count));
      done += count;
      [buffer, other] = [other, buffer];
    }
  } finally {
    await flushed;
  }
}

/** A chunk is valid only until the next is asked for, so each is flushed first. */
async function sendBytes(outlet: Outlet, bytes: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const chunk of bytes) {
    await outlet.write(chunk.subarray(0, Math.min(chunk.byteLength, outlet.left)));
    if (outlet.gone || outlet.left === 0) return;
  }
}

/** The response, with its bytes counted and its end known without Node's stream errors, which also complain about complete bodies. */
class Outlet {
  bytes = 0;
  readonly #response: ServerResponse;
  readonly #length: number | undefined;
  readonly #signal: AbortSignal | undefined;
  #flushed = 0;
  #wake: (() => void) | undefined;

  constructor(response: ServerResponse, length: number | undefined, signal: AbortSignal | undefined) {
    this.#response = response;
    this.#length = length;
    this.#signal = signal;
    response.on('close', this.#onClose).on('error', this.#onClose);
    response.req.socket.on('close', this.#onClose);
    signal?.addEventListener('abort', this.#onAbort);
    if (signal?.aborted) this.#onAbort();
  }

  /** The client went away, or the signal sent it away. */
  get gone(): boolean {
    // The request's connection, since an answer that waits for the one before it has none yet.
    return this.#response.destroyed || this.#response.req.socket.destroyed;
  }

  get left(): number {
    return this.#length === undefined ? Number.POSITIVE_INFINITY : this.#length - this.bytes;
  }

  /** Resolves when the bytes may be reused: they are in the kernel, or nobody wants them any more. */
  write(bytes: Uint8Array): Promise<void> {
    if (this.gone || bytes.byteLength === 0) return Promise.resolve();
    this.bytes += bytes.byteLength;
    return this.#settled((done) => {
      this.#response.write(bytes, (error) => {
        if (!error) this.#flushed += bytes.byteLength;
        done();
      });
    });
  }

  async end(): Promise<Sent> {
    const announced = this.#length !== undefined;
    const whole = !announced || this.bytes === this.#length;
    if (!whole) this.#response.destroy();
    else if (!this.gone) await this.#settled((done) => this.#response.end(done));
    // A client that has all announced bytes may leave before the response is over; without a length the end itself is part of the body.
    const arrived = announced ? this.#flushed === this.bytes : this.#response.writableFinished;
    return { bytes: this.bytes, complete: whole && arrived };
  }

  release(): void {
    this.#response.off('close', this.#onClose);
    this.#response.req.socket.off('close', this.#onClose);
    this.#signal?.removeEventListener('abort', this.#onAbort);
  }

  /** Node calls back when the bytes are flushed, but not always when the connection is lost meanwhile. */
  #settled(act: (done: () => void) => void): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
      act(() => resolve());
    });
  }

  readonly #onClose = (): void => {
    this.#wake?.();
  };

  readonly #onAbort = (): void => {
    this.#response.destroy();
  };
}

/** Bytes read, 0 at the end of the file. */
function readAt(fd: number, buffer: Buffer, length: number, position: number): Promise<number> {
  return new Promise((resolve, reject) => {
    read(fd, buffer, 0, length, position, (error, count) => (error ? reject(error) : resolve(count)));
  });
}
