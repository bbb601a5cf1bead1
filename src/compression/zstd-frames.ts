import { CompressionError } from './compression-error.js';
import { EXPAND_MEMORY_MIB } from './tools.js';

const MAX_WINDOW = EXPAND_MEMORY_MIB * 1024 * 1024;

/** Bytes of the frame's header behind its magic number and its descriptor, by the flags in the descriptor (RFC 8878 section 3.1.1.1). */
const DICTIONARY_BYTES = [0, 1, 2, 4];
const CONTENT_SIZE_BYTES = [0, 2, 4, 8];

type Part = 'magic' | 'skip-size' | 'descriptor' | 'header' | 'block' | 'checksum';

const FIXED_BYTES: Readonly<Record<Exclude<Part, 'header'>, number>> = {
  magic: 4,
  'skip-size': 4,
  descriptor: 1,
  block: 3,
  checksum: 4,
};

/**
 * Follows the frames of a zstd file from header to header. The tool reads gzip, xz and old forms of zstd too where a file, or a later
 * frame of it, looks like them, with no limit of memory; this one lets nothing by but frames of RFC 8878 whose window keeps to the limit.
 */
export class ZstdFrames {
  #part: Part = 'magic';
  /** Bytes of blocks that nobody has to look at. */
  #skip = 0;
  #held: number[] = [];
  #headerBytes = 0;
  #descriptor = 0;

  /** Throws CompressionError invalid for bytes that no frame has here, too-large for a window beyond the limit. */
  follow(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) {
      if (this.#skip > 0) {
        const step = Math.min(this.#skip, bytes.length - at);
        this.#skip -= step;
        at += step;
        continue;
      }
      const byte = bytes[at++];
      if (byte !== undefined) this.#held.push(byte);
      if (this.#held.length === this.#wanted()) this.#read();
    }
  }

  #wanted(): number {
    return this.#part === 'header' ? this.#headerBytes : FIXED_BYTES[this.#part];
  }

  #read(): void {
    const held = this.#held;
    this.#held = [];
    const value = littleEndian(held);
    switch (this.#part) {
      case 'magic':
        if (value === 0xfd2fb528) this.#part = 'descriptor';
        else if (value >= 0x184d2a50 && value <= 0x184d2a5f) this.#part = 'skip-size';
        else throw new CompressionError('invalid', 'zstd: there are bytes that begin no frame');
        return;
      case 'skip-size':
        this.#skip = value;
        this.#part = 'magic';
        return;
      case 'descriptor':
        this.#beginHeader(value);
        return;
      case 'header':
        this.#checkWindow(held);
        this.#part = 'block';
        return;
      case 'block':
        this.#beginBlock(value);
        return;
      case 'checksum':
        this.#part = 'magic';
    }
  }

  #beginHeader(descriptor: number): void {
    this.#descriptor = descriptor;
    const { single, dictionary, contentSize } = shapeOf(descriptor);
    this.#headerBytes = (single ? 0 : 1) + dictionary + contentSize;
    this.#part = 'header';
  }

  #checkWindow(header: readonly number[]): void {
    const { single, dictionary, contentSize } = shapeOf(this.#descriptor);
    const [window = 0] = header;
    const base = 2 ** (10 + (window >> 3));
    const needed = single
      ? littleEndian(header.slice(dictionary)) + (contentSize === 2 ? 256 : 0)
      : base + (base / 8) * (window & 7);
    if (needed > MAX_WINDOW) {
      throw new CompressionError('too-large', `zstd: a frame needs more than ${EXPAND_MEMORY_MIB} MiB of memory`);
    }
  }

  #beginBlock(header: number): void {
    const type = (header >> 1) & 3;
    if (type === 3) throw new CompressionError('invalid', 'zstd: there is a block of no known kind');
    this.#skip = type === 1 ? 1 : header >> 3;
    this.#part = (header & 1) === 0 ? 'block' : (this.#descriptor & 4) === 0 ? 'magic' : 'checksum';
  }
}

/** A frame of a single segment always says its size, in one byte where the flag says nothing. */
function shapeOf(descriptor: number): { single: boolean; dictionary: number; contentSize: number } {
  const single = (descriptor & 0x20) !== 0;
  const flag = CONTENT_SIZE_BYTES[descriptor >> 6] ?? 0;
  return { single, dictionary: DICTIONARY_BYTES[descriptor & 3] ?? 0, contentSize: single && flag === 0 ? 1 : flag };
}

function littleEndian(bytes: readonly number[]): number {
  return bytes.reduceRight((sum, byte) => sum * 256 + byte, 0);
}
