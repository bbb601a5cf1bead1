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
  return ofZlib(createGzip(options));
}

/** All members of a gzip file one after another, zeros behind the last one as on a tape; anything else behind it is refused. */
export function gunzip(): Engine {
  const options: ZlibOptions & TransformOptions = { chunkSize: 256 * KIB, readableHighWaterMark: AHEAD_BYTES };
  const stream = createGunzip(options);
  const engine = ofZlib(stream);
  let given = 0;
  let behind = false;
  return {
    ...engine,
    async write(bytes) {
      let rest = bytes;
      if (!behind) {
        await engine.write(bytes);
        given += bytes.byteLength;
        // zlib stops at the first zero behind a member, and never says what it did not read.
        const unread = stream.destroyed ? 0 : given - stream.bytesWritten;
        behind = unread > 0;
        rest = bytes.subarray(bytes.byteLength - unread);
      }
      if (rest.some((byte) => byte !== 0))
        throw new CompressionError('invalid', 'gzip: there are other bytes behind the end');
    },
  };
}

function ofZlib(stream: Gzip | Gunzip): Engine {
  const closed = new Promise<void>((resolve) => void stream.once('close', resolve));
  // The output reports it too, or nobody listens any more.
  stream.on('error', () => {});
  return {
    write: (bytes) => written(stream, bytes),
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
