import { newHash } from '../../hashing/new-hash.js';
import { shownUrl } from '../../net/url-rules.js';
import { type ChecksumEntry, type ChecksumFile, parseChecksumFile } from '../formats/checksum-file.js';
import { parseRepositoryInfo } from '../formats/repository-info.js';
import { urlOfPath } from '../formats/safe-path.js';
import { parseSyncEntry } from '../formats/sync-entry.js';
import { sideBySide } from '../side-by-side.js';
import { at, isSyncError, SyncError } from '../sync-error.js';
import { type ReadDocument, readDocument, textOf } from './documents.js';
import {
  fieldsOf,
  imageUrl,
  productOf,
  recordedBase,
  recordedUrl,
  type SourceEntry,
  type SourcePlace,
} from './source-entry.js';
import type { ReadSource, SourceFailure, SourceReader } from './source-reader.js';
import type { KnownDocument, SeenGeneration } from './source-state.js';
import type { WantedDigest } from './wanted-digests.js';

/** Bytes: of a directory file, of a `.properties` file and of repo.json, and of all of those of one source together. */
const MOST = { directory: 16 * 1024 * 1024, file: 256 * 1024, together: 64 * 1024 * 1024 };
/** Small files that are read at once. */
const READERS = 8;

export interface DirectoryPlace {
  /** Where the paths of the directory begin. */
  readonly base: URL;
  /** The set whose directory it is; undefined for that of the whole repository. */
  readonly set: string | undefined;
  /** Whether the repository may have more images than the directory. */
  readonly partial: boolean;
}

/**
 * Reads a directory file and the `.properties` files that it lists, each held to its hash. Only what has changed is asked for: where nothing has, that is one request.
 * Undefined where there is no such file. Throws SyncError as readDocument and parseChecksumFile do; what is wrong with one image is among the failures.
 */
export async function readDirectory(
  url: URL,
  { base, set, partial }: DirectoryPlace,
  reader: SourceReader,
): Promise<ReadSource | undefined> {
  const name = shownUrl(url).slice(shownUrl(new URL('.', base)).length) || shownUrl(url);
  const known = reader.known.documents[name];
  const read = await readDocument(url, MOST.directory, known, reader);
  const document = documentOf(read, known);
  if (document === undefined) return undefined;
  const directory = at(name, () => parseChecksumFile(document.text));
  assertPlace(directory, name, set, reader.trust !== undefined);
  const place: SourcePlace = { origins: reader.origins, base, rooted: true };
  const files = new ListedFiles(directory, name, place, reader);
  const entries = new Map<string, SourceEntry>();
  const failures: SourceFailure[] = [];
  const sidecars = directory.entries.filter(({ path }) => path.endsWith('.properties'));
  await sideBySide(sidecars, READERS, async (listed) => {
    try {
      const from = urlOfPath(base, listed.path);
      entries.set(listed.path, sourceEntry(await files.text(listed), listed.path, from, place, files));
    } catch (error) {
      if (!isSyncError(error)) throw error;
      failures.push({ label: listed.path, error: prefixed(listed.path, error) });
    }
  });
  const found = await generationOf(directory, set, files, document);
  const whole = recordedBase(place);
  return {
    kind: 'directory',
    place,
    covers: partial ? undefined : (from) => from.startsWith(whole) && from.endsWith('.properties'),
    entries: sidecars.flatMap(({ path }) => entries.get(path) ?? []),
    failures,
    warnings: sidecars.length === 0 && directory.entries.length > 0 ? [`${name} lists no .properties file`] : [],
    found,
    documents: { [name]: document },
    sidecars: files.texts,
  };
}

/** One `.properties` file, read and signed by itself. */
export async function readProperties(url: URL, reader: SourceReader): Promise<ReadSource | undefined> {
  const base = new URL('.', url);
  const name = decodeURIComponent(url.pathname.split('/').at(-1) ?? '');
  const known = reader.known.documents[name];
  const document = documentOf(await readDocument(url, MOST.file, known, reader), known);
  if (document === undefined) return undefined;
  const place: SourcePlace = { origins: reader.origins, base, rooted: url.protocol === 'file:' };
  const { signedAt } = document;
  return {
    kind: 'properties',
    place,
    covers: undefined,
    entries: [sourceEntry(document.text, name, url, place, undefined)],
    failures: [],
    warnings: [],
    found: signedAt === undefined ? undefined : { generation: 0, updated: signedAt },
    documents: { [name]: document },
    sidecars: {},
  };
}

export function documentOf(read: ReadDocument, known: KnownDocument | undefined): KnownDocument | undefined {
  if (read.kind === 'unchanged') return known;
  return read.kind === 'content' ? read.document : undefined;
}

function sourceEntry(
  text: string,
  path: string,
  url: URL,
  place: SourcePlace,
  files: ListedFiles | undefined,
): SourceEntry {
  const entry = parseSyncEntry(text, path);
  const image = imageUrl(entry.image, url, place);
  const syncSource = recordedUrl(url, place);
  return {
    entry,
    label: path,
    image,
    listed: files?.digestsOf(image) ?? [],
    imageSource: recordedUrl(image, place),
    syncSource,
    product: productOf(syncSource, entry),
    fields: fieldsOf(entry),
  };
}

/** The files that describe generations: `repo/<number>.json`, and `repo/<number>.<set>.json` in the directory of a set. */
function numbered({ entries }: ChecksumFile) {
  return entries.flatMap((listed) => {
    const [, number, set] = /^repo\/(\d{1,15})(?:\.(.+))?\.json$/.exec(listed.path) ?? [];
    return number === undefined ? [] : [{ listed, number: Number(number), set }];
  });
}

/**
 * A signature says who wrote a list and not where it belongs: the list itself must. Throws SyncError for one with weaker hashes than its name promises, and for
 * that of another set, which would make all the other images look as if they were gone.
 */
function assertPlace(directory: ChecksumFile, name: string, set: string | undefined, signed: boolean): void {
  const refused = (why: string) => new SyncError(signed ? 'signature' : 'refused', `${name} ${why}`);
  const weak = directory.algorithm === 'md5' || directory.algorithm === 'sha1';
  if (weak && /sha(256|512)sums/i.test(name)) throw refused(`holds ${directory.algorithm} hashes`);
  const infos = numbered(directory);
  const [other] = infos;
  if (other === undefined || infos.some((one) => one.set === set)) return;
  const whose = other.set === undefined ? 'the whole repository' : `the set ${JSON.stringify(other.set)}`;
  throw refused(`is the directory of ${whose}`);
}

/** How new the repository is: as the description of its generation says, which the directory lists, else as the signature says. */
async function generationOf(
  directory: ChecksumFile,
  set: string | undefined,
  files: ListedFiles,
  { signedAt }: KnownDocument,
): Promise<SeenGeneration | undefined> {
  const own = numbered(directory).filter((one) => one.set === set);
  const [newest] = own.sort((one, other) => other.number - one.number);
  if (newest === undefined) return signedAt === undefined ? undefined : { generation: 0, updated: signedAt };
  const text = await files.text(newest.listed);
  const { generation, updated, expires } = at(newest.listed.path, () => parseRepositoryInfo(text));
  return { generation, updated: updated.toISOString(), expires: expires.toISOString() };
}

/** Files of a directory, each read once and held to its hash. */
class ListedFiles {
  /** By `<algorithm>:<digest>`; those that this run needed. */
  readonly texts: Record<string, string> = {};
  readonly #directory: ChecksumFile;
  readonly #name: string;
  readonly #place: SourcePlace;
  readonly #reader: SourceReader;
  readonly #byUrl: ReadonlyMap<string, ChecksumEntry>;
  #bytes = 0;

  constructor(directory: ChecksumFile, name: string, place: SourcePlace, reader: SourceReader) {
    this.#directory = directory;
    this.#name = name;
    this.#place = place;
    this.#reader = reader;
    this.#byUrl = new Map(directory.entries.map((entry) => [bare(urlOfPath(place.base, entry.path)), entry]));
  }

  /** Hashes of the file at a URL, where it is listed. */
  digestsOf(url: URL): readonly WantedDigest[] {
    const listed = this.#byUrl.get(bare(url));
    return listed === undefined
      ? []
      : [{ algorithm: this.#directory.algorithm, value: listed.digest, from: this.#name }];
  }

  async text({ path, digest }: ChecksumEntry): Promise<string> {
    const { algorithm } = this.#directory;
    const key = `${algorithm}:${digest}`;
    const { known, fetcher, signal } = this.#reader;
    const text = this.texts[key] ?? known.sidecars[key] ?? (await this.#fetch(path, digest, { fetcher, signal }));
    if (this.texts[key] === undefined) this.#bytes += text.length;
    if (this.#bytes > MOST.together) {
      throw new SyncError('refused', `the files of the directory have more than ${MOST.together} bytes together`);
    }
    this.texts[key] = text;
    return text;
  }

  async #fetch(path: string, digest: string, { fetcher, signal }: Pick<SourceReader, 'fetcher' | 'signal'>) {
    const url = urlOfPath(this.#place.base, path);
    const read = await fetcher.read(url, { signal, maxBytes: MOST.file });
    if (read.kind !== 'content') throw new SyncError('unreachable', 'it is listed and not there');
    const { algorithm } = this.#directory;
    const found = newHash(algorithm).update(read.bytes).digest('hex');
    if (found !== digest) {
      throw new SyncError('mismatch', `its ${algorithm} is ${found}, and ${this.#name} says ${digest}`);
    }
    return textOf(url, read.bytes);
  }
}

function bare(url: URL): string {
  return `${url.protocol}//${url.host}${url.pathname}`;
}

/** Errors of parsers name the file already. */
function prefixed(path: string, error: SyncError): SyncError {
  if (error.message.startsWith(path)) return error;
  return new SyncError(error.kind, `${path}: ${error.message}`, { cause: error });
}
