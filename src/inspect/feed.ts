import type { Finding, Reader, Region } from './disk-format.js';

const NOTHING = Buffer.alloc(0);

/** Brings the regions that one reader asks for from a stream to it. Holds one region at a time. */
export class Feed {
  readonly #reader: Reader;
  #region: Region | undefined;
  #kept = NOTHING;
  #keptLength = 0;
  /** Bytes before this have gone by, as far as the reader is concerned: the same for every way to cut the stream. */
  #cursor = 0;
  #finding: Finding | undefined;

  constructor(reader: Reader) {
    this.#reader = reader;
    this.#take(reader.next());
  }

  /** False when the reader wants no more bytes: an update then costs nothing and may be left out. */
  get hungry(): boolean {
    return this.#region !== undefined;
  }

  /** Bytes of memory held. */
  get held(): number {
    return this.#kept.length;
  }

  /** Takes the bytes that lie at this position of the stream. */
  update(chunk: Uint8Array, position: number): void {
    const end = position + chunk.length;
    for (let region = this.#region; region; region = this.#region) {
      if ('last' in region) {
        this.#keepLast(chunk.subarray(Math.max(0, this.#cursor - position)));
        return;
      }
      const from = region.offset + this.#keptLength;
      if (from >= end) return;
      const part = chunk.subarray(from - position, region.offset + region.length - position);
      this.#kept.set(part, this.#keptLength);
      this.#keptLength += part.length;
      if (this.#keptLength < region.length) return;
      this.#hand();
    }
  }

  /** The stream is over: the reader gets what there is of its region and of every further one. */
  finish(): Finding | undefined {
    while (this.#region) this.#hand();
    return this.#finding;
  }

  #keepLast(chunk: Uint8Array): void {
    const room = this.#kept.length;
    if (chunk.length >= room) {
      this.#kept.set(chunk.subarray(chunk.length - room));
      this.#keptLength = room;
      return;
    }
    const surplus = Math.max(0, this.#keptLength + chunk.length - room);
    this.#kept.copyWithin(0, surplus, this.#keptLength);
    this.#kept.set(chunk, this.#keptLength - surplus);
    this.#keptLength += chunk.length - surplus;
  }

  #hand(): void {
    const bytes = this.#kept.subarray(0, this.#keptLength);
    const region = this.#region;
    if (region && 'offset' in region) this.#cursor = region.offset + region.length;
    this.#take(this.#reader.next(bytes));
  }

  #take(step: IteratorResult<Region, Finding | undefined>): void {
    let next = step;
    while (!next.done && 'offset' in next.value && next.value.offset < this.#cursor) next = this.#reader.next(NOTHING);
    this.#region = next.done ? undefined : next.value;
    this.#finding = next.done ? next.value : undefined;
    this.#keptLength = 0;
    this.#kept = next.done ? NOTHING : Buffer.alloc('last' in next.value ? next.value.last : next.value.length);
  }
}
