import { createHash } from 'node:crypto';
import type { Blob } from './known-blobs.js';
import type { RepositoryTarget } from './ports.js';

const FORMAT = 'fingerprints:1';
const HEX = /^[0-9a-f]{64}$/;

/**
 * Fingerprints of LXD and Incus: the SHA-256 over a metadata file and, after it, a root file. Each pair is read once and remembered.
 */
export class Fingerprints {
  readonly #known = new Map<string, string>();
  readonly #used = new Map<string, string>();
  #changed = false;

  constructor(
    private readonly target: RepositoryTarget,
    text: string | undefined,
  ) {
    for (const [key, value] of read(text)) this.#known.set(key, value);
  }

  async of(metadata: Blob, root: Blob): Promise<string> {
    const key = `${metadata.stored.sha256}+${root.stored.sha256}`;
    const found = this.#known.get(key) ?? (await this.#compute([metadata.stored.sha256, root.stored.sha256]));
    this.#changed ||= !this.#known.has(key);
    this.#known.set(key, found);
    this.#used.set(key, found);
    return found;
  }

  /** Whether there is something to write. */
  get changed(): boolean {
    return this.#changed;
  }

  /** What was asked for, to be remembered. */
  get text(): string {
    return `${JSON.stringify({ format: FORMAT, pairs: [...this.#used].sort() })}\n`;
  }

  async #compute(blobs: readonly string[]): Promise<string> {
    const hash = createHash('sha256');
    for (const blob of blobs) for await (const chunk of this.target.readBlob(blob)) hash.update(chunk);
    return hash.digest('hex');
  }
}

function read(text: string | undefined): readonly (readonly [string, string])[] {
  try {
    const record: unknown = JSON.parse(text ?? '{}');
    if (typeof record !== 'object' || record === null || !('format' in record) || !('pairs' in record)) return [];
    if (record.format !== FORMAT || !Array.isArray(record.pairs)) return [];
    return record.pairs.flatMap((pair: unknown) => {
      if (!Array.isArray(pair)) return [];
      const [key, value]: unknown[] = pair;
      return typeof key === 'string' && typeof value === 'string' && HEX.test(value) ? [[key, value] as const] : [];
    });
  } catch {
    return [];
  }
}
