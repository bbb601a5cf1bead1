import { CompressionError } from './compression-error.js';
import type { Encoding } from './encoding.js';
import type { Engine } from './engine.js';
import { gunzip } from './gzip.js';
import { through } from './through.js';
import { toolProcess } from './tool-process.js';
import { ZstdFrames } from './zstd-frames.js';

export interface ExpandLimits {
  /** Bytes of output. */
  readonly maxBytes: number;
  readonly signal: AbortSignal;
}

/**
 * Undoes a compression; members that follow one another give their bytes one after another. The output is cut at exactly `maxBytes`, and memory
 * is bounded whatever the file asks for. A chunk, in or out, is valid only until the next one is asked for. Leaving the loop early closes the
 * source and ends the tool. Throws what the source throws, the signal's reason, and CompressionError: invalid for bytes that are broken,
 * end too early or go on behind the end, too-large for more than the limit of bytes or memory, unavailable when the tool is not there.
 */
export function expand(
  encoding: Encoding,
  bytes: AsyncIterable<Uint8Array>,
  limits: ExpandLimits,
): AsyncIterable<Uint8Array> {
  const { maxBytes, signal } = limits;
  return cutAt(maxBytes, encoding, encoding === 'none' ? bytes : through(() => expander(encoding), bytes, signal));
}

async function expander(encoding: Exclude<Encoding, 'none'>): Promise<Engine> {
  if (encoding === 'gzip') return gunzip();
  const tool = await toolProcess(encoding, 'expand');
  if (encoding !== 'zstd') return tool;
  const frames = new ZstdFrames();
  return {
    ...tool,
    async write(bytes) {
      frames.follow(bytes);
      await tool.write(bytes);
    },
  };
}

async function* cutAt(
  maxBytes: number,
  encoding: Encoding,
  bytes: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  let left = maxBytes;
  for await (const chunk of bytes) {
    if (chunk.byteLength > left) {
      if (left > 0) yield chunk.subarray(0, left);
      const what = encoding === 'none' ? 'there are' : `${encoding}: it expands to`;
      throw new CompressionError('too-large', `${what} more than ${maxBytes} bytes`);
    }
    left -= chunk.byteLength;
    yield chunk;
  }
}
