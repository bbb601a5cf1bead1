import type { Encoding } from './encoding.js';
import { gzip } from './gzip.js';
import { through } from './through.js';
import { toolProcess } from './tool-process.js';

/**
 * Compresses bytes. The same bytes give the same file, however they are cut into chunks: no names, no times, a fixed level, one thread.
 * A chunk, in or out, is valid only until the next one is asked for. Leaving the loop early closes the source and ends the tool.
 * Throws what the source throws, the signal's reason, and CompressionError unavailable when the encoding's tool is not there or breaks down.
 */
export function compress(
  encoding: Encoding,
  bytes: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): AsyncIterable<Uint8Array> {
  if (encoding === 'none') return bytes;
  return through(() => (encoding === 'gzip' ? gzip() : toolProcess(encoding, 'compress')), bytes, signal);
}
