import { createHash } from 'node:crypto';
import { type BigIntStats, constants } from 'node:fs';
import { type FileHandle, open, realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { codeOf } from '../../../stream/file-errors.js';
import { type Hashes, readHashes } from './listed-hashes.js';
import { Recent } from './recent.js';

/** A file of the generation that readers see now, open. Whoever got it closes `file`. */
export interface PublishedFile {
  readonly file: FileHandle;
  readonly size: number;
  readonly modified: Date;
  /** SHA-256 of its bytes (hex), where a list or the file's own name says so, or it is small enough to look. */
  readonly sha256?: string;
  /** What tells these bytes from all others that this path ever held; without quotes. */
  readonly tag: string;
}

/** Bytes up to which a file that no list names is hashed when somebody asks for it. */
const SMALL = 4 * 1024 * 1024;

const HASH = /^[0-9a-f]{64}$/;
const BY_HASH = 'by-hash/sha256/';
const LIST = 'SHA256SUMS';

/** A repository in a folder, for those who serve it: each file comes from the generation that is the current one at that moment, and from nowhere else. */
export class PublishedFolder {
  readonly #folder: string;
  readonly #lists = new Recent<Hashes>(16);
  readonly #hashes = new Recent<string>(4096);

  constructor(folder: string) {
    this.#folder = folder;
  }

  /**
   * Opens a file by its path from the root, whose segments are names (no dots, no separators: that is the caller's to see to).
   * Undefined when there is none, also for what is no plain file and for anything behind a link.
   */
  async open(path: string): Promise<PublishedFile | undefined> {
    // A generation that a publisher removes between these two steps was replaced at least once meanwhile.
    return (await this.#openIn(path)) ?? this.#openIn(path);
  }

  async #openIn(path: string): Promise<PublishedFile | undefined> {
    const root = await realpath(join(this.#folder, 'current')).catch(unlessMissing);
    if (root === undefined) return undefined;
    const found = await openPlain(join(root, path));
    if (found === undefined) return undefined;
    try {
      const { file, stat } = found;
      const sha256 = (await this.#listed(root, path)) ?? (await this.#looked(file, stat));
      return {
        file,
        size: Number(stat.size),
        modified: new Date(Number(stat.mtimeMs)),
        ...(sha256 === undefined ? {} : { sha256 }),
        tag: sha256 === undefined ? identity(stat) : `sha256-${sha256}`,
      };
    } catch (error) {
      await found.file.close();
      throw error;
    }
  }

  /** What the lists say. A file that left them keeps its folder's own list as long as it is there. */
  async #listed(root: string, path: string): Promise<string | undefined> {
    if (path.startsWith(BY_HASH)) {
      const name = path.slice(BY_HASH.length);
      return HASH.test(name) ? name : undefined;
    }
    const listed = (await this.#list(join(root, LIST)))?.get(path);
    if (listed !== undefined || !path.startsWith('images/')) return listed;
    const name = path.slice(path.lastIndexOf('/') + 1);
    return (await this.#list(join(root, dirname(path), LIST)))?.get(name);
  }

  async #list(path: string): Promise<Hashes | undefined> {
    const found = await openPlain(path);
    if (found === undefined) return undefined;
    const { file, stat } = found;
    try {
      return await this.#lists.get(identity(stat), () => readHashes(file, Number(stat.size)));
    } finally {
      await file.close();
    }
  }

  async #looked(file: FileHandle, stat: BigIntStats): Promise<string | undefined> {
    if (stat.size > SMALL) return undefined;
    return this.#hashes.get(identity(stat), async () => {
      const bytes = Buffer.alloc(Number(stat.size));
      const { bytesRead } = await file.read(bytes, 0, bytes.length, 0);
      return createHash('sha256').update(bytes.subarray(0, bytesRead)).digest('hex');
    });
  }
}

/** A publisher writes new files and never into old ones: the same inode with the same time has the same bytes. */
function identity({ dev, ino, size, mtimeNs }: BigIntStats): string {
  return [dev, ino, size, mtimeNs].map((number) => number.toString(36)).join('-');
}

/** Opens a plain file whose path has no link in it, and does not wait for the other end of what is none. */
async function openPlain(path: string): Promise<{ readonly file: FileHandle; readonly stat: BigIntStats } | undefined> {
  const real = await realpath(path).catch(unlessMissing);
  if (real !== path) return undefined;
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const file = await open(path, flags).catch(unlessMissing);
  if (file === undefined) return undefined;
  try {
    const stat = await file.stat({ bigint: true });
    if (stat.isFile()) return { file, stat };
  } catch (error) {
    await file.close();
    throw error;
  }
  await file.close();
  return undefined;
}

const NOT_THERE: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG', 'ENXIO', 'EACCES']);

function unlessMissing(error: unknown): undefined {
  if (!NOT_THERE.has(codeOf(error))) throw error;
  return undefined;
}
