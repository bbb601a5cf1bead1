import { documentFormat } from '../formats/json-document.js';
import { urlOfPath } from '../formats/safe-path.js';
import { shown } from '../formats/shown.js';
import { flattenProducts, type StreamsItem, type StreamsProducts } from '../formats/streams.js';
import { assertDownloads } from '../formats/streams-file.js';
import { parseIndex } from '../formats/streams-index.js';
import { parseProducts } from '../formats/streams-products.js';
import { at, isSyncError, SyncError } from '../sync-error.js';
import { readDocument } from './documents.js';
import { documentOf } from './source-directory.js';
import { imageUrl, productOf, recordedUrl, type SourceEntry, type SourcePlace } from './source-entry.js';
import type { ReadSource, SourceFailure, SourceReader } from './source-reader.js';
import type { KnownDocument } from './source-state.js';
import { type DiskItem, diskItem, entryOfItem } from './streams-entry.js';

/** Bytes of an index or a products file, and of all of those of one source together. */
const MOST = { file: 64 * 1024 * 1024, together: 128 * 1024 * 1024 };

/**
 * Reads an index of simplestreams with the products files of images that it names, or one products file (sync-and-manager section 2.1). Where the index has not
 * changed, nothing else is asked for: it holds the time of each products file. Undefined where there is no such file.
 */
export async function readStreams(url: URL, reader: SourceReader): Promise<ReadSource | undefined> {
  const base = rootOf(url);
  const place: SourcePlace = { origins: reader.origins, base, rooted: true };
  const documents: Record<string, KnownDocument> = {};

  /** The text of a file, and whether it is as the last run saw it. */
  const read = async (from: URL, maxBytes: number, fresh: boolean) => {
    const name = recordedUrl(from, place).slice(recordedUrl(base, place).length);
    const known = reader.known.documents[name];
    if (fresh && known !== undefined) {
      documents[name] = known;
      return { name, text: known.text, same: true };
    }
    const document = documentOf(await readDocument(from, maxBytes, known, reader), known);
    if (document === undefined) return undefined;
    documents[name] = document;
    const same = document === known;
    return { name, text: document.text, same, ...(same || known === undefined ? {} : { before: known.text }) };
  };

  const first = await read(url, MOST.file, false);
  if (first === undefined) return undefined;
  const products: ProductsFile[] = [];
  const failures: SourceFailure[] = [];
  let updated: Date | undefined;
  if (at(first.name, () => documentFormat(first.text)) === 'products:1.0') {
    products.push({ url, ...first });
  } else {
    const index = at(first.name, () => parseIndex(first.text));
    updated = index.updated;
    let bytes = 0;
    for (const [contentId, { path, format, datatype, updated: due }] of index.entries) {
      if (format !== 'products:1.0' || (datatype ?? 'image-downloads') !== 'image-downloads') continue;
      const from = urlOfPath(base, path);
      const file = await read(from, MOST.file, first.same);
      bytes += file?.text.length ?? 0;
      if (bytes > MOST.together)
        throw new SyncError('refused', `the products files have more than ${MOST.together} bytes`);
      if (file !== undefined) products.push({ url: from, contentId, ...file, ...(due === undefined ? {} : { due }) });
      else failures.push({ label: path, error: new SyncError('unreachable', `${path}: it is listed and not there`) });
    }
    if (products.length === 0 && failures.length === 0) {
      for (const [contentId, { datatype }] of index.entries) assertDownloads(contentId, datatype);
    }
  }
  const entries: SourceEntry[] = [];
  /** Files that cannot say what has gone: they may not have got on to what came instead. */
  const behind = new Set<ProductsFile>();
  for (const file of products) {
    const parsed = at(file.name, () => parseProducts(file.text));
    assertPlace(file, parsed, reader.trust !== undefined);
    assertDownloads(parsed.contentId, parsed.datatype);
    updated ??= parsed.updated;
    // Older than the index says: a cache on the way has not got on. The next run is to ask for it, whatever the index says then.
    if (file.due !== undefined && parsed.updated !== undefined && parsed.updated < file.due) {
      delete documents[file.name];
      behind.add(file);
    }
    for (const item of flattenProducts(parsed)) {
      const label = `${file.name}#${item.product}/${item.version}/${item.item}`;
      try {
        const disk = diskItem(item);
        if (disk === undefined) continue;
        entries.push(sourceEntry(item, disk, label, file.url, place));
      } catch (error) {
        if (!isSyncError(error)) throw error;
        failures.push({ label, error: new SyncError(error.kind, `${label}: ${error.message}`, { cause: error }) });
      }
    }
  }
  return {
    kind: 'streams',
    place,
    covers: (from) => products.some((file) => !behind.has(file) && from.startsWith(`${recordedUrl(file.url, place)}#`)),
    entries,
    failures,
    warnings: [],
    found: updated === undefined ? undefined : { generation: 0, updated: updated.toISOString() },
    documents,
    sidecars: {},
  };
}

interface ProductsFile {
  readonly url: URL;
  readonly name: string;
  readonly text: string;
  /** What the last run read in its place, where that was something else. */
  readonly before?: string;
  /** What the index calls it, and how new it says that it is. */
  readonly contentId?: string;
  readonly due?: Date;
}

/** A signature says who wrote a file and not where it belongs, nor that it is the newest. Throws SyncError for that of another stream, and for one older than was seen. */
function assertPlace({ name, contentId, before }: ProductsFile, found: StreamsProducts, signed: boolean): void {
  // Without keys there is nothing to hold anybody to, and some servers are careless with the names.
  if (signed && contentId !== undefined && contentId !== found.contentId) {
    throw new SyncError(
      'signature',
      `${name} is that of ${shown(found.contentId)}, and the index says ${shown(contentId)}`,
    );
  }
  const seen = before === undefined ? undefined : at(name, () => parseProducts(before)).updated;
  if (seen === undefined || found.updated === undefined || found.updated >= seen) return;
  throw new SyncError(
    'signature',
    `${name} is of ${found.updated.toISOString()}, older than what was seen before: ${seen.toISOString()}`,
  );
}

function sourceEntry(item: StreamsItem, disk: DiskItem, label: string, from: URL, place: SourcePlace): SourceEntry {
  const entry = entryOfItem(item, disk);
  const image = imageUrl(urlOfPath(place.base, entry.image).href, from, place);
  const syncSource = `${recordedUrl(from, place)}#${item.product}/${item.version}`;
  return {
    entry,
    label,
    image,
    listed: [],
    imageSource: recordedUrl(image, place),
    syncSource,
    product: productOf(syncSource, entry),
    choice: { of: syncSource, rank: disk.rank },
    fields: new Map([
      ...entry.properties,
      ...entry.attributes,
      ...Object.entries(item.fields).flatMap(([key, value]) => (isPlain(value) ? [[key, String(value)] as const] : [])),
      ['name', entry.name],
    ]),
  };
}

/** What filters can look at; trees that many items inherit, or that go deep, would cost their size each time. */
function isPlain(value: unknown): value is string | number | boolean {
  return ['string', 'number', 'boolean'].includes(typeof value);
}

/** Paths begin at the root of the mirror, two folders above `streams/v1`. */
function rootOf(url: URL): URL {
  const folder = new URL('.', url);
  return folder.pathname.endsWith('/streams/v1/') ? new URL('../..', folder) : folder;
}
