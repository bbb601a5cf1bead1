import { readdirSync, readFileSync } from 'node:fs';
import { availableEncodings } from '../../src/compression/tools.js';

export const MIB = 1024 * 1024;

export const available = await availableEncodings();

export async function collect(bytes: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const chunk of bytes) parts.push(Buffer.from(chunk));
  return Buffer.concat(parts);
}

/** One buffer for all chunks, as sources may do it: who keeps a chunk for longer sees the next one's bytes. */
export async function* cut(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array, void, undefined> {
  const chunk = Buffer.alloc(Math.min(size, Math.max(1, bytes.length)));
  for (let from = 0; from < bytes.length; from += size) {
    const part = bytes.subarray(from, from + size);
    chunk.set(part);
    yield chunk.subarray(0, part.length);
    chunk.fill(0xee);
  }
}

/** Programs that this process started and that are still there, the dead ones that nobody waited for too. */
export function children(): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const [, program = '', rest = ''] =
          /^\d+ \((.*)\) (.*)$/s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? [];
        return rest.split(' ')[1] === String(process.pid) ? [program] : [];
      } catch {
        return [];
      }
    });
}
