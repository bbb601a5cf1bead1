import type { TransformOptions } from 'node:stream';
import { createGunzip, createGzip, type Gunzip, type Gzip, type ZlibOptions } from 'node:zlib';
import { CompressionError } from './compression-error.js';
import { type Engine, written } from './engine.js';

const KIB = 1024;

/** The output that waits for a slow reader, while zlib goes on in its thread. */
const AHEAD_BYTES = 512 * KIB;

/** gzip at the level that `gzip` itself takes; zlib writes neither name nor time, so that the same bytes give the same file. */
export function gzip(): Engine {
  const options: ZlibOptions & TransformOptions = {
    level: 6,
    chunkSize: 256 * KIB,
    readableHighWaterMark: AHEAD_BYTES,
  };
  return ofZlib(createGzip(options), () => {});
}

/** All members of a gzip file one after another, zeros behind the last one as on a tape; anything else behind it is refused. */
export function gunzip(): Engine {
  const options: ZlibOptions & TransformOptions = { chunkSize: 256 * KIB, readableHighWaterMark: AHEAD_BYTES };
  const stream = createGunzip(options);
  let given = 0;
  return ofZlib(stream, (bytes) => {
    given += bytes.byteLength;
    // zlib stops at the first zero behind a member, and drops all that follows.
    const dropped = Math.min(given - stream.bytesWritten, bytes.byteLength);
    if (!stream.destroyed && dropped > 0 && !isZero(bytes.subarray(bytes.byteLength - dropped))) {
      throw new CompressionError('invalid', 'gzip: there are other bytes behind the end');
    }
  });
}

function ofZlib(stream: Gzip | Gunzip, afterWrite: (bytes: Uint8Array) => void): Engine {
  let over = false;
  const closed = new Promise<void>((resolve) => void stream.once('close', resolve));
  // The output reports it too, or nobody listens any more.
  stream.on('error', () => {});
  stream.once('end', () => {
    over = true;
  });
  return {
    async write(bytes) {
      if (!over) await written(stream, bytes);
      afterWrite(bytes);
    },
    end: () => void stream.end(),
    output: readable(stream),
    check: () => Promise.resolve(),
    stop: () => {
      stream.destroy();
      return closed;
    },
  };
}

async function* readable(stream: Gzip | Gunzip): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    for await (const chunk of stream) {
      if (chunk instanceof Uint8Array) yield chunk;
    }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new CompressionError('invalid', `gzip: ${why}`, { cause: error });
  }
}

function isZero(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0);
}
