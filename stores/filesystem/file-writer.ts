import { constants, type FileHandle, open, unlink } from 'node:fs/promises';
import { asWriteError, codeOf, rethrow } from '../../src/stream/file-errors.js';

/** Bytes after which the disk starts to work while more are coming: waiting for it at the end alone costs a third of the throughput. */
const FLUSH_BYTES = 64 * 1024 * 1024;

/** What the strictest common disks and file systems ask of the position and the length of a direct write. */
const DIRECT_ALIGNMENT = 4096;

/** Smaller chunks are the ends of files; the page cache merges them best. */
const DIRECT_BYTES = 1024 * 1024;

const denied = rethrow(asWriteError);

/**
 * Writes one new file from its start to its end. Large chunks go past the page cache where the file system lets them:
 * the kernel then neither copies them nor drops what others are reading. Everything else is flushed along the way.
 * Throws storage-full, storage-denied, storage-unavailable.
 */
export class FileWriter {
  /** Bytes so far. */
  size = 0;
  readonly #path: string;
  readonly #file: FileHandle;
  #direct: FileHandle | undefined;
  #directTried = false;
  /** Bytes in the page cache that no flush has been asked for. */
  #unflushed = 0;
  #flushing: Promise<void> | undefined;
  #failure: { readonly error: unknown } | undefined;

  private constructor(path: string, file: FileHandle) {
    this.#path = path;
    this.#file = file;
  }

  /** Throws the system's own error: what a name that is taken means is the caller's to say. */
  static async create(path: string, mode: number): Promise<FileWriter> {
    const file = await open(path, 'wx', mode);
    try {
      // The umask took its part of the mode.
      await file.chmod(mode);
    } catch (error) {
      await file.close();
      await unlink(path);
      throw error;
    }
    return new FileWriter(path, file);
  }

  async write(chunk: Uint8Array): Promise<void> {
    for (let offset = 0; offset < chunk.byteLength; ) {
      const written = await this.#writeSome(chunk, offset).catch(denied);
      offset += written;
      this.size += written;
    }
    // A disk reports a failed write once only, maybe to this flush and not to the last one.
    if (this.#failure) denied(this.#failure.error);
    if (this.#unflushed >= FLUSH_BYTES && !this.#flushing) this.#flush();
  }

  /** Makes the bytes survive a power cut. */
  async sync(): Promise<void> {
    await this.#flushing;
    if (this.#failure) denied(this.#failure.error);
    await this.#file.sync().catch(denied);
  }

  async close(): Promise<void> {
    await this.#flushing;
    await this.#direct?.close();
    await this.#file.close();
  }

  async #writeSome(chunk: Uint8Array, offset: number): Promise<number> {
    const length = chunk.byteLength - offset;
    if (length >= DIRECT_BYTES && length % DIRECT_ALIGNMENT === 0 && this.size % DIRECT_ALIGNMENT === 0) {
      const direct = await this.#openDirect();
      try {
        if (direct) return (await direct.write(chunk, offset, length, this.size)).bytesWritten;
      } catch (error) {
        // The file system asks for an alignment that this memory does not have.
        if (codeOf(error) !== 'EINVAL') throw error;
        this.#direct = undefined;
        await direct?.close();
      }
    }
    const { bytesWritten } = await this.#file.write(chunk, offset, length, this.size);
    this.#unflushed += bytesWritten;
    return bytesWritten;
  }

  /** Tried once per file; undefined where the file system has no direct writes. */
  async #openDirect(): Promise<FileHandle | undefined> {
    if (this.#directTried) return this.#direct;
    this.#directTried = true;
    this.#direct = await open(this.#path, constants.O_WRONLY | constants.O_DIRECT).catch((error: unknown) => {
      if (['EINVAL', 'ENOTSUP', 'EOPNOTSUPP'].includes(codeOf(error))) return undefined;
      throw error;
    });
    return this.#direct;
  }

  #flush(): void {
    this.#unflushed = 0;
    this.#flushing = this.#file
      .datasync()
      .catch((error: unknown) => {
        this.#failure = { error };
      })
      .finally(() => {
        this.#flushing = undefined;
      });
  }
}
