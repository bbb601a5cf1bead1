import { ENCODINGS, type Encoding } from '../../compression/encoding.js';
import type { Image } from '../../domain/image.js';

/** Digests that a repository names; in hex. */
export interface BlobDigests {
  readonly md5: string;
  readonly sha256: string;
  readonly sha512: string;
}

/** The bytes of an image in one encoding, as they are in the pool: `stored` has the name there. */
export interface Blob {
  readonly encoding: Encoding;
  readonly size: number;
  readonly stored: BlobDigests;
  readonly expandedSize: number;
  readonly expanded: BlobDigests;
}

/**
 * What the bytes of an image go by: their digest and size, so that equal images share a blob, or the image itself where nobody recorded a digest.
 * Bytes of an image never change once it is active.
 */
export function contentKey({ id, checksum, hashAlgorithm, hashValue, size }: Image): string {
  const length = size ?? 'unknown';
  if (hashAlgorithm !== null && hashValue !== null) return `${hashAlgorithm}:${hashValue.toLowerCase()}:${length}`;
  return `${id}:${checksum?.toLowerCase() ?? 'none'}:${length}`;
}

const HEX = /^[0-9a-f]+$/;

/** The publisher's memory of blobs, so that no image is read twice. */
export class KnownBlobs {
  readonly #blobs = new Map<string, Blob>();
  readonly #used = new Set<string>();
  #changed = false;

  /** Reads the record that `text` made; entries that are damaged are forgotten, which costs no more than reading those images again. */
  static from(text: string | undefined): KnownBlobs {
    const known = new KnownBlobs();
    for (const [key, value] of entriesOf(text)) {
      const blob = readBlob(value);
      if (blob !== undefined) known.#blobs.set(key, blob);
    }
    return known;
  }

  get(content: string, encoding: Encoding): Blob | undefined {
    const key = `${content} ${encoding}`;
    this.#used.add(key);
    return this.#blobs.get(key);
  }

  set(content: string, blob: Blob): void {
    const key = `${content} ${blob.encoding}`;
    this.#used.add(key);
    this.#blobs.set(key, blob);
    this.#changed = true;
  }

  /** Forgets what turned out to be gone or damaged. */
  drop(content: string, encoding: Encoding): void {
    if (this.#blobs.delete(`${content} ${encoding}`)) this.#changed = true;
  }

  /** Whether there is something to write. */
  get changed(): boolean {
    return this.#changed;
  }

  /** Forgets what this run had no use for. */
  forgetUnused(): void {
    for (const key of this.#blobs.keys()) {
      if (!this.#used.has(key)) this.#changed = this.#blobs.delete(key) || this.#changed;
    }
  }

  get text(): string {
    const sorted = [...this.#blobs].sort(([a], [b]) => (a < b ? -1 : 1));
    return `${JSON.stringify({ format: 'known-blobs:1', blobs: sorted })}\n`;
  }
}

function entriesOf(text: string | undefined): readonly (readonly [string, unknown])[] {
  if (text === undefined) return [];
  try {
    const record: unknown = JSON.parse(text);
    if (!isObject(record) || record.format !== 'known-blobs:1' || !Array.isArray(record.blobs)) return [];
    return record.blobs.filter((entry) => Array.isArray(entry) && typeof entry[0] === 'string');
  } catch {
    return [];
  }
}

function readBlob(value: unknown): Blob | undefined {
  if (!isObject(value)) return undefined;
  const encoding = ENCODINGS.find((one) => one === value.encoding);
  const [stored, expanded] = [readDigests(value.stored), readDigests(value.expanded)];
  const { size, expandedSize } = value;
  if (!encoding || !stored || !expanded || !isSize(size) || !isSize(expandedSize)) return undefined;
  return { encoding, size, stored, expandedSize, expanded };
}

function readDigests(value: unknown): BlobDigests | undefined {
  if (!isObject(value)) return undefined;
  const { md5, sha256, sha512 } = value;
  return isHex(md5, 32) && isHex(sha256, 64) && isHex(sha512, 128) ? { md5, sha256, sha512 } : undefined;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function isSize(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function isHex(value: unknown, length: number): value is string {
  return typeof value === 'string' && value.length === length && HEX.test(value);
}
