import { randomUUID } from 'node:crypto';
import type { ImageId } from '../../src/domain/image.js';
import type { PutHint, Stored } from '../../src/domain/ports/store.js';
import type { S3Context } from './client.js';
import { type Creation, create, duplicate, inBucket, undo, whereFree } from './creation.js';
import { asStoreError } from './errors.js';
import { compareEtag } from './etag.js';
import { Flight } from './flight.js';
import { MultipartUpload } from './multipart.js';
import { objectName, urlOf } from './names.js';
import { aborting, deleteObject, headObject, MARK } from './objects.js';
import { Part } from './part.js';
import type { PartMemory } from './part-memory.js';
import { partBytes, sharedPartBytes } from './part-size.js';
import { retrying } from './retry.js';

/** Store.put of the S3 store. Errors of the source pass as they are. */
export async function putObject(
  context: S3Context,
  memory: PartMemory,
  key: ImageId,
  bytes: AsyncIterable<Uint8Array>,
  hint: PutHint,
): Promise<Stored> {
  const size = await putBytes(context, memory, objectName(key), bytes, hint);
  return { url: urlOf(context.place, key), size };
}

/** Makes the object of a key that is free, in parts where it is large, and returns its size. All or nothing, with the errors of Store.put. */
export async function putBytes(
  context: S3Context,
  memory: PartMemory,
  key: string,
  bytes: AsyncIterable<Uint8Array>,
  hint: Pick<PutHint, 'size' | 'signal'>,
): Promise<number> {
  hint.signal.throwIfAborted();
  const put = new Put(context, memory, { key, mark: randomUUID() }, hint);
  try {
    const size = await put.run(bytes);
    hint.signal.throwIfAborted();
    await payDebts(context);
    return size;
  } catch (error) {
    await put.undo();
    throw error;
  }
}

/** Removes what puts could not remove while the service was away. */
async function payDebts({ debts }: S3Context): Promise<void> {
  for (const debt of [...debts]) {
    debts.delete(debt);
    await debt().catch(() => debts.add(debt));
  }
}

class Put {
  readonly #context: S3Context;
  readonly #memory: PartMemory;
  readonly #creation: Creation;
  readonly #hint: Pick<PutHint, 'size' | 'signal'>;
  readonly #flight: Flight;
  /** Bytes of a part, chosen when the first bytes come. */
  #partBytes: number | undefined;
  #part: Part;
  #upload: MultipartUpload | undefined;
  /** A request that makes the object was sent. */
  #made = false;

  constructor(context: S3Context, memory: PartMemory, creation: Creation, hint: Pick<PutHint, 'size' | 'signal'>) {
    this.#context = context;
    this.#memory = memory;
    this.#creation = creation;
    this.#hint = hint;
    this.#flight = new Flight(context.options.threads, hint.signal);
    this.#part = new Part(memory);
  }

  /** Stores the bytes and tells how many they were. */
  async run(bytes: AsyncIterable<Uint8Array>): Promise<number> {
    const { key } = this.#creation;
    const { signal } = this.#hint;
    if (await this.#service(headObject(this.#context, key, signal))) throw duplicate(key);
    for await (const chunk of bytes) {
      signal.throwIfAborted();
      await this.#take(chunk);
    }
    signal.throwIfAborted();
    const whole = this.#part.size === 0 || this.#part.size < this.#context.options.largeObjectBytes;
    if (!this.#upload && whole) return this.#service(this.#putWhole());
    if (this.#part.size > 0) await this.#launch();
    await this.#service(this.#flight.landed());
    return this.#service(this.#complete());
  }

  /** Leaves nothing behind, whatever came before. Never throws: the first error is the one to tell, and the next put tries again. */
  async undo(): Promise<void> {
    await this.#flight.cancel();
    this.#part.release();
    const clean = async (): Promise<void> => {
      await this.#upload?.abort();
      if (this.#made) await undo(this.#context, this.#creation);
    };
    await clean().catch(() => this.#context.debts.add(clean));
  }

  async #take(chunk: Uint8Array): Promise<void> {
    const { partBytes: configured } = this.#context.options;
    this.#partBytes ??= this.#memory.shared ? sharedPartBytes(configured) : configured;
    for (let rest = chunk; rest.byteLength > 0; ) {
      const sent = this.#upload?.size ?? 0;
      const limit = partBytes(this.#partBytes, this.#hint.size, sent);
      // With no part on its way nobody would ever give room back to this upload.
      const taken = this.#part.append(rest.subarray(0, limit - this.#part.size), this.#flight.size === 0);
      rest = rest.subarray(taken);
      if (taken === 0) await this.#service(this.#flight.oneLanded());
      if (this.#part.size === limit) await this.#launch();
    }
  }

  async #launch(): Promise<void> {
    const { signal } = this.#hint;
    this.#upload ??= await this.#service(MultipartUpload.begin(this.#context, this.#creation, signal));
    await this.#service(this.#flight.vacancy());
    const upload = this.#upload;
    const part = this.#part;
    this.#part = new Part(this.#memory);
    this.#flight.start((cancelled) => upload.send(part, cancelled).finally(() => part.release()));
  }

  async #complete(): Promise<number> {
    if (!this.#upload) return 0;
    this.#made = true;
    await this.#upload.complete(this.#hint.signal);
    const { size } = this.#upload;
    this.#upload = undefined;
    return size;
  }

  /** An object in one request, sent again from the buffer where needed. */
  async #putWhole(): Promise<number> {
    const { s3, place, retry } = this.#context;
    const { key, mark } = this.#creation;
    const { signal } = this.#hint;
    const part = this.#part;
    const { size } = part;
    this.#made = true;
    const request = { Bucket: place.bucket, Key: key, Metadata: { [MARK]: mark }, ContentLength: size };
    await create(
      this.#context,
      this.#creation,
      size,
      () =>
        inBucket(this.#context, () =>
          whereFree(this.#context, (condition) =>
            retrying(retry, signal, async () => {
              const Body = size > 0 ? part.body() : Buffer.alloc(0);
              const taken = await s3.putObject({ ...request, ...condition, Body }, aborting(signal));
              await compareEtag(taken, part).catch(async (error: unknown) => {
                await deleteObject(this.#context, key);
                throw error;
              });
            }),
          ),
        ),
      part,
    );
    part.release();
    return size;
  }

  /** What the service refuses becomes an error of ours, unless the signal is the reason. */
  #service<T>(outcome: Promise<T>): Promise<T> {
    return outcome.catch((error: unknown) => {
      this.#hint.signal.throwIfAborted();
      throw asStoreError(error);
    });
  }
}
