import { expand } from '../../compression/expand.js';
import type { Hasher } from '../../domain/ports/hasher.js';
import { parseChecksumFile } from '../formats/checksum-file.js';
import { parseRepositoryInfo } from '../formats/repository-info.js';
import { flattenProducts } from '../formats/streams.js';
import { parseIndex } from '../formats/streams-index.js';
import { parseProducts } from '../formats/streams-products.js';
import { parseSyncEntry, type SyncEntry } from '../formats/sync-entry.js';
import type { Trust } from '../signatures/trust.js';
import { directoryPaths } from './directories.js';
import { ALGORITHMS, type Hashed, hashAll } from './hash-all.js';
import type { RepositoryTarget } from './ports.js';

export interface VerifyOptions {
  readonly target: RepositoryTarget;
  readonly hasher: Hasher;
  /** Keys that must have signed; undefined looks at no signatures. */
  readonly trust: Trust | undefined;
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: { readonly bytes: number; readonly path: string }) => void;
}

export interface VerifyReport {
  readonly generation: number;
  /** Files that were hashed, and their bytes. */
  readonly files: number;
  readonly bytes: number;
  /** Whether signatures were looked at. */
  readonly signatures: boolean;
  /** What is wrong, a sentence each that begins with the path. */
  readonly problems: readonly string[];
}

/** Texts are small; more than that is no text of ours. */
const MOST_TEXT = 64 * 1024 * 1024;

/**
 * Reads everything that readers can see and holds it against everything that is said of it: hashes in directory files, sizes and hashes before and
 * after expansion in `.properties` files, items of simplestreams, signatures, the date of expiry. Throws only where the repository cannot be read at all.
 */
export async function verifyRepository(options: VerifyOptions): Promise<VerifyReport> {
  return new Verification(options).report();
}

class Verification {
  readonly #problems: string[] = [];
  /** What was hashed, by path; undefined for what is not there. */
  readonly #found = new Map<string, Hashed | undefined>();
  #bytes = 0;

  constructor(private readonly options: VerifyOptions) {}

  async report(): Promise<VerifyReport> {
    const { target } = this.options;
    const paths: string[] = [];
    for await (const path of target.paths()) paths.push(path);
    const generation = await target.generation();
    if (generation === 0) this.#problems.push(`${target.name}: nothing is published there`);
    else await this.#look(paths);
    const signatures = this.options.trust !== undefined;
    return { generation, files: this.#found.size, bytes: this.#bytes, signatures, problems: this.#problems };
  }

  async #look(paths: readonly string[]): Promise<void> {
    await this.#checkInfo();
    const lists = paths.filter((path) => /^sets\/[^/]+\.(?:md5sum|SHA\d+SUMS)$/.test(path));
    const named = new Set<string>();
    for (const list of [...directoryPaths(''), ...lists]) {
      for (const path of await this.#checkList(list)) named.add(path);
    }
    for (const path of named) if (path.endsWith('.properties')) await this.#checkEntry(path);
    for (const path of paths) {
      if (path.startsWith('by-hash/sha256/')) {
        this.#expect(path, (await this.#hash(path))?.digests.sha256, path.slice('by-hash/sha256/'.length), 'SHA-256');
      }
    }
    await this.#checkStreams(paths);
  }

  async #checkInfo(): Promise<void> {
    await this.#noting('repo.json', async () => {
      const text = await this.#text('repo.json');
      const { expires, generation } = parseRepositoryInfo(text);
      const listed = `repo/${generation}.json`;
      if ((await this.#text(listed)) !== text) this.#problems.push(`repo.json: differs from ${listed}`);
      if (expires < new Date()) this.#problems.push(`repo.json: the repository expired at ${expires.toISOString()}`);
    });
  }

  async #checkList(path: string): Promise<readonly string[]> {
    const text = await this.#noting(path, () => this.#text(path));
    if (text === undefined) return [];
    await this.#checkSignatures(path, text);
    const list = await this.#noting(path, async () => parseChecksumFile(text));
    for (const entry of list?.entries ?? []) {
      const found = await this.#hash(entry.path);
      if (found === undefined) this.#problems.push(`${entry.path}: is in ${path}, and is not there`);
      else this.#expect(entry.path, found.digests[list?.algorithm ?? ''], entry.digest, `the hash in ${path}`);
    }
    return list?.entries.map((entry) => entry.path) ?? [];
  }

  async #checkSignatures(path: string, text: string): Promise<void> {
    const { trust } = this.options;
    if (trust === undefined) return;
    const bytes = Buffer.from(text);
    const wholly = !path.endsWith('md5sum');
    if (trust.kinds.openpgp) {
      await this.#noting(`${path}.asc`, async () => {
        const signed = await trust.verifyClearsigned(await this.#text(`${path}.asc`));
        if (signed.text !== text) throw new Error('signs another text');
      });
      if (wholly) {
        await this.#noting(`${path}.gpg`, async () => trust.verifyDetached(bytes, await this.#read(`${path}.gpg`)));
      }
    }
    if (trust.kinds.minisign && wholly) {
      const name = path.slice(path.lastIndexOf('/') + 1);
      await this.#noting(`${path}.minisig`, async () =>
        trust.verifyMinisign(bytes, await this.#text(`${path}.minisig`), name),
      );
    }
  }

  async #checkEntry(path: string): Promise<void> {
    await this.#noting(path, async () => {
      const entry = parseSyncEntry(await this.#text(path), path);
      const file = `${path.slice(0, path.lastIndexOf('/') + 1)}${entry.image}`;
      const stored = await this.#hash(file);
      if (stored === undefined) throw new Error(`names ${file}, which is not there`);
      for (const [algorithm, value] of Object.entries(entry.stored.digests)) {
        this.#expect(file, stored.digests[algorithm], value, `the ${algorithm} in ${path}`);
      }
      if (entry.stored.size !== undefined && entry.stored.size !== stored.size) {
        this.#problems.push(`${file}: has ${stored.size} bytes, and ${entry.stored.size} are announced`);
      }
      await this.#checkExpanded(file, entry, stored);
    });
  }

  async #checkExpanded(file: string, entry: SyncEntry, stored: Hashed): Promise<void> {
    const { expand: encoding, size, expanded } = entry;
    const limits = { maxBytes: size ?? Number.MAX_SAFE_INTEGER, signal: this.options.signal };
    const found = encoding === 'none' ? stored : await this.#digest(file, (bytes) => expand(encoding, bytes, limits));
    if (found === undefined) return;
    if (size !== undefined && found.size !== size) {
      this.#problems.push(`${file}: expands to ${found.size} bytes, and ${size} are announced`);
    }
    for (const algorithm of ALGORITHMS) {
      const value = expanded[algorithm];
      if (value === undefined) continue;
      this.#expect(file, found.digests[algorithm], value, `the ${algorithm} of the expanded image`);
    }
  }

  async #digest(
    path: string,
    through: (bytes: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array> = (bytes) => bytes,
  ): Promise<Hashed | undefined> {
    const { target, hasher, signal } = this.options;
    const bytes = await target.read(path);
    if (bytes === undefined) return undefined;
    return hashAll(through(bytes), hasher, signal);
  }

  async #checkStreams(paths: readonly string[]): Promise<void> {
    const { trust } = this.options;
    for (const path of paths.filter((each) => /^streams\/v1\/[^/]+\.json$/.test(each))) {
      const text = await this.#noting(path, () => this.#text(path));
      if (text === undefined) continue;
      await this.#noting(path, async () => {
        if (path.endsWith('/index.json')) {
          for (const entry of parseIndex(text).entries.values()) {
            if (!paths.includes(entry.path)) this.#problems.push(`${path}: names ${entry.path}, which is not there`);
          }
        } else await this.#checkProducts(path, text);
      });
      if (!trust?.kinds.openpgp) continue;
      await this.#noting(`${path}.gpg`, async () =>
        trust.verifyDetached(Buffer.from(text), await this.#read(`${path}.gpg`)),
      );
      const signed = path.replace(/\.json$/, '.sjson');
      await this.#noting(signed, async () => trust.verifyClearsigned(await this.#text(signed)));
    }
  }

  async #checkProducts(path: string, text: string): Promise<void> {
    for (const { fields } of flattenProducts(parseProducts(text))) {
      const { path: file, size } = fields;
      if (typeof file !== 'string') continue;
      const found = await this.#hash(file);
      if (found === undefined) {
        this.#problems.push(`${path}: names ${file}, which is not there`);
        continue;
      }
      if (Number(size) !== found.size) this.#problems.push(`${path}: says that ${file} has ${String(size)} bytes`);
      for (const algorithm of ALGORITHMS) {
        this.#expect(file, found.digests[algorithm], String(fields[algorithm]), `the ${algorithm} in ${path}`);
      }
    }
  }

  /** Every file is hashed once, whatever names it. */
  async #hash(path: string): Promise<Hashed | undefined> {
    if (this.#found.has(path)) return this.#found.get(path);
    const { onProgress } = this.options;
    const found = await this.#noting(path, () => this.#digest(path));
    this.#bytes += found?.size ?? 0;
    onProgress?.({ bytes: this.#bytes, path });
    this.#found.set(path, found);
    return found;
  }

  #expect(path: string, found: string | undefined, expected: string, what: string): void {
    if (found !== undefined && found !== expected) this.#problems.push(`${path}: differs from ${what}`);
  }

  async #text(path: string): Promise<string> {
    return (await this.#read(path)).toString('utf8');
  }

  async #read(path: string): Promise<Buffer> {
    const bytes = await this.options.target.read(path);
    if (bytes === undefined) throw new Error('is not there');
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of bytes) {
      size += chunk.byteLength;
      if (size > MOST_TEXT) throw new Error('is too large');
      chunks.push(Buffer.from(chunk));
    }
    return Buffer.concat(chunks);
  }

  /** What goes wrong with one file is noted, and the others are looked at. */
  async #noting<T>(path: string, look: () => Promise<T>): Promise<T | undefined> {
    try {
      return await look();
    } catch (error) {
      if (this.options.signal.aborted) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      this.#problems.push(reason.startsWith(`${path}:`) ? reason : `${path}: ${reason}`);
      return undefined;
    }
  }
}
