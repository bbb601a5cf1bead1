import { createHash, randomUUID } from 'node:crypto';
import type { Destination, Draft, FittedDraft, RemoteChange, RemoteImage } from '../../src/sync/pull/destination.js';
import { fitForV2 } from '../../src/sync/pull/destinations/reserved-names.js';
import { SyncError } from '../../src/sync/sync-error.js';

/** A destination in memory, for tests of what goes there. It counts what was asked of it. */
export class MemoryDestination implements Destination {
  readonly api = 'registry';
  readonly images = new Map<string, RemoteImage>();
  readonly bytes = new Map<string, Buffer>();
  /** Names of the methods that were called to write, in order. */
  readonly writes: string[] = [];

  constructor(readonly project: string | undefined = undefined) {}

  fit(draft: Draft): FittedDraft {
    return fitForV2(draft);
  }

  async list(): Promise<readonly RemoteImage[]> {
    return [...this.images.values()];
  }

  async create(draft: Draft): Promise<string> {
    this.writes.push('create');
    if (!['raw', 'qcow2', 'iso', 'ami'].includes(draft.diskFormat)) throw refused(`no disk format ${draft.diskFormat}`);
    const id = randomUUID();
    this.images.set(id, {
      ...draft,
      id,
      protected: false,
      status: 'queued',
      visibility: 'private',
      owner: this.project ?? null,
      size: null,
      checksum: null,
      hashAlgorithm: null,
      hashValue: null,
      hidden: false,
    });
    return id;
  }

  async upload(
    id: string,
    bytes: AsyncIterable<Uint8Array>,
    size: number | undefined,
    signal: AbortSignal,
  ): Promise<RemoteImage> {
    this.writes.push('upload');
    signal.throwIfAborted();
    const image = this.#get(id);
    if (image.status !== 'queued') throw refused(`image ${id} has bytes`);
    const parts: Buffer[] = [];
    for await (const chunk of bytes) {
      signal.throwIfAborted();
      parts.push(Buffer.from(chunk));
    }
    signal.throwIfAborted();
    const whole = Buffer.concat(parts);
    if (size !== undefined && whole.length !== size) throw refused(`${whole.length} bytes, not ${size}`);
    const digest = (algorithm: string) => createHash(algorithm).update(whole).digest('hex');
    const active = {
      ...image,
      status: 'active',
      size: whole.length,
      checksum: digest('md5'),
      hashAlgorithm: 'sha512',
      hashValue: digest('sha512'),
    };
    this.images.set(id, active);
    this.bytes.set(id, whole);
    return active;
  }

  async change(id: string, { set = new Map(), unset = [], ...fields }: RemoteChange): Promise<void> {
    this.writes.push('change');
    const image = this.#get(id);
    const kept = [...image.properties].filter(([name]) => !unset.includes(name));
    this.images.set(id, { ...image, ...fields, properties: new Map([...kept, ...set]) });
  }

  async remove(id: string): Promise<void> {
    this.writes.push('remove');
    if (this.images.get(id)?.protected) throw refused(`image ${id} is protected`);
    this.images.delete(id);
    this.bytes.delete(id);
  }

  async close(): Promise<void> {}

  #get(id: string): RemoteImage {
    const image = this.images.get(id);
    if (image === undefined) throw refused(`no image ${id}`);
    return image;
  }
}

function refused(why: string): SyncError {
  return new SyncError('destination', `The destination refused: ${why}.`);
}
