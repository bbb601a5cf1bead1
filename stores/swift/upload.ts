import { setTimeout as wait } from 'node:timers/promises';
import type { Digest } from '../../src/domain/ports/hasher.js';
import { bodyOf } from '../../src/stream/body-of.js';
import { eachOf } from './each-of.js';
import { duplicate, unavailable } from './errors.js';
import { DEFAULT_SWIFT_LIMITS } from './options.js';
import type { Place } from './places.js';
import type { Source } from './source.js';
import type { Swift } from './swift.js';

/** An upload's mark on the objects it makes visible, by which it knows its own. */
const MARK = 'x-object-meta-upload';

/** Looks at a new large object before it counts as wrong: a listing may lag behind the segments that it shall show. */
const LOOKS = 5;

/** Milliseconds that the client of a failed upload waits for its traces to be removed. */
const UNDO_MS = 30_000;

interface Segment {
  readonly place: Place;
  readonly etag: string;
  readonly bytes: number;
}

/**
 * The requests of one upload. Segments are named `<image>-<mark>-<number>`: no upload of the same image, not one that another process
 * believes dead, writes into the segments of another.
 */
export class Upload {
  readonly #swift: Swift;
  readonly #place: Place;
  readonly #mark: string;
  readonly #source: Source;
  readonly #signal: AbortSignal;
  /** Segments that may be there. */
  readonly #tried: Place[] = [];
  /** Whether the object itself may be there. */
  #shown = false;

  constructor(swift: Swift, place: Place, mark: string, source: Source, signal: AbortSignal) {
    this.#swift = swift;
    this.#place = place;
    this.#mark = mark;
    this.#source = source;
    this.#signal = signal;
  }

  /** The source, whose length was announced or is nothing, as one object. */
  async whole(): Promise<void> {
    this.#shown = true;
    await this.#send(this.#place, Number.POSITIVE_INFINITY, { [MARK]: this.#mark });
    // Swift confirms the last announced byte; the source may have more, or still fail.
    await this.#source.ended();
  }

  /** The rest of the source as segments, then the manifest. */
  async segmented(): Promise<void> {
    const { largeObjectType, segmentBytes } = this.#swift.options;
    const { staticLargeObjects, mostSegments, mostBytes } = await this.#swift.capabilities();
    const segments: Segment[] = [];
    while (!(await this.#source.ended())) {
      const number = String(segments.length + 1).padStart(5, '0');
      const place = { ...this.#place, object: `${this.#prefix}${number}` };
      this.#tried.push(place);
      // Doubled eight times on the way: few segments for most, and room for terabytes.
      const wanted = segmentBytes * 2 ** Math.floor((segments.length * 8) / mostSegments);
      segments.push(await this.#send(place, Math.min(wanted, mostBytes), {}));
    }
    this.#signal.throwIfAborted();
    const isStatic = largeObjectType === 'slo' && staticLargeObjects;
    await (isStatic ? this.#showStatic(segments) : this.#showDynamic());
    await this.#check();
  }

  /** Removes what the upload may have left. Quiet: what an outage keeps from it, the next sweep does. */
  async undo(): Promise<void> {
    const signal = AbortSignal.timeout(UNDO_MS);
    const remove = (target: Place): Promise<unknown> =>
      this.#swift.client.expect([204, 404], { method: 'DELETE', target, signal });
    try {
      if (this.#shown && (await this.#isOurs(signal))) await remove(this.#place);
    } catch {}
    await eachOf(this.#tried, remove).catch(() => {});
  }

  get #prefix(): string {
    return `${this.#place.object}-${this.#mark}-`;
  }

  async #send(place: Place, most: number, headers: Record<string, string>): Promise<Segment> {
    const digest = this.#swift.hasher.start(['md5']);
    const [before, left] = [this.#source.size, this.#source.left];
    try {
      const answer = await this.#swift.client.expect([201, 401, 409, 412], {
        method: 'PUT',
        target: place,
        body: bodyOf(hashed(this.#source.take(most), digest)),
        headers: {
          'if-none-match': '*',
          'content-type': 'application/octet-stream',
          ...(left === undefined ? {} : { 'content-length': String(Math.min(left, most)) }),
          ...headers,
        },
        signal: this.#signal,
      });
      if (answer.status === 401) throw unavailable('The image storage media ended the session of this service.');
      if (answer.status !== 201) throw duplicate(this.#place.object);
      const [etag = ''] = await digest.finish();
      if (plain(answer.header('etag')) !== etag) {
        throw unavailable('The image storage media confirmed other bytes than it was sent.');
      }
      return { place, etag, bytes: this.#source.size - before };
    } catch (error) {
      digest.abort();
      throw error;
    }
  }

  async #showStatic(segments: readonly Segment[]): Promise<void> {
    const body = segments.map(({ place, etag, bytes }) => ({
      path: `/${place.container}/${place.object}`,
      etag,
      size_bytes: bytes,
    }));
    await this.#show(
      JSON.stringify(body),
      { 'content-type': 'application/octet-stream' },
      { 'multipart-manifest': 'put' },
    );
  }

  async #showDynamic(): Promise<void> {
    const manifest = `${encodeURIComponent(this.#place.container)}/${encodeURIComponent(this.#prefix)}`;
    await this.#show('', { 'content-type': 'application/octet-stream', 'x-object-manifest': manifest }, {});
  }

  async #show(body: string, headers: Record<string, string>, query: Record<string, string>): Promise<void> {
    this.#shown = true;
    const answer = await this.#swift.client.expect([200, 201, 412], {
      method: 'PUT',
      target: this.#place,
      query,
      body,
      headers: { 'if-none-match': '*', [MARK]: this.#mark, ...headers },
      signal: this.#signal,
    });
    // A repeated request may meet what the first one made.
    if (answer.status === 412 && !(await this.#isOurs(this.#signal))) throw duplicate(this.#place.object);
  }

  /** That the object is this upload's, of the very size: a cluster without large objects would have stored the manifest itself. */
  async #check(): Promise<void> {
    const { client, options } = this.#swift;
    const retryMs = options.limits?.retryMs ?? DEFAULT_SWIFT_LIMITS.retryMs;
    for (let look = 0; look < LOOKS; look += 1) {
      const found = await client.expect([200], { method: 'HEAD', target: this.#place, signal: this.#signal });
      if (found.header(MARK) !== this.#mark) throw duplicate(this.#place.object);
      if (Number(found.header('content-length')) === this.#source.size) return;
      await wait(retryMs * 2 ** look);
    }
    throw unavailable('The image storage media does not show the bytes that it was sent.');
  }

  async #isOurs(signal: AbortSignal): Promise<boolean> {
    const found = await this.#swift.client.expect([200, 404], { method: 'HEAD', target: this.#place, signal });
    return found.header(MARK) === this.#mark;
  }
}

/** Hashes beside the sending; a chunk is let go when both are done with it. */
async function* hashed(bytes: AsyncIterable<Uint8Array>, digest: Digest): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const piece of bytes) {
    const hashing = Promise.resolve(digest.update(piece));
    hashing.catch(() => {});
    yield piece;
    await hashing;
  }
}

function plain(etag = ''): string {
  return etag.replaceAll('"', '').toLowerCase();
}
