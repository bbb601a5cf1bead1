import { createHash, randomUUID } from 'node:crypto';

export interface StoredObject {
  readonly bytes: Buffer;
  /** With its quotes. */
  readonly etag: string;
  /** `x-amz-meta-*`, `content-type` and `cache-control`, by their whole names. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly modified?: Date;
}

export interface MultipartState {
  readonly id: string;
  readonly key: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly parts: Map<number, { readonly bytes: Buffer; readonly etag: string }>;
}

/** What one bucket of the double holds. */
export class Bucket {
  readonly objects = new Map<string, StoredObject>();
  readonly uploads = new Map<string, MultipartState>();

  begin(key: string, metadata: Readonly<Record<string, string>>): MultipartState {
    const state = { id: randomUUID(), key, metadata, parts: new Map() };
    this.uploads.set(state.id, state);
    return state;
  }

  /** Makes the object of the listed parts; the code of S3's error where they are not what was sent. */
  complete(
    state: MultipartState,
    parts: readonly { number: number; etag: string }[],
    smallest: number,
  ): string | undefined {
    const sent = parts.map(({ number, etag }) => {
      const part = state.parts.get(number);
      return part?.etag === etag ? part : undefined;
    });
    if (parts.some(({ number }, index) => number <= (parts[index - 1]?.number ?? 0))) return 'InvalidPartOrder';
    if (sent.length === 0 || sent.includes(undefined)) return 'InvalidPart';
    const found = sent.flatMap((part) => (part ? [part] : []));
    if (found.slice(0, -1).some(({ bytes }) => bytes.length < smallest)) return 'EntityTooSmall';
    const digests = found.map(({ etag }) => Buffer.from(etag.replaceAll('"', ''), 'hex'));
    this.objects.set(state.key, {
      bytes: Buffer.concat(found.map(({ bytes }) => bytes)),
      etag: `"${md5(Buffer.concat(digests))}-${found.length}"`,
      metadata: state.metadata,
      modified: new Date(),
    });
    this.uploads.delete(state.id);
    return undefined;
  }
}

export function etagOf(bytes: Uint8Array): string {
  return `"${md5(bytes)}"`;
}

function md5(bytes: Uint8Array): string {
  return createHash('md5').update(bytes).digest('hex');
}
