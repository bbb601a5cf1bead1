import { at } from '../sync-error.js';
import { jsonReader, writeJson } from './json-document.js';
import { assertSafePath } from './safe-path.js';
import { shown } from './shown.js';
import type { StreamsFields } from './streams.js';
import { readUpdated, writeUpdated } from './streams-time.js';

/** An index file: `index:1.0` of simplestreams (sync-and-manager section 2.1). */
export interface StreamsIndex {
  readonly updated?: Date;
  /** Further keys of the top level. */
  readonly fields: StreamsFields;
  /** By content id. */
  readonly entries: ReadonlyMap<string, StreamsIndexEntry>;
}

export interface StreamsIndexEntry {
  /** Of the products file, from the root of the mirror. */
  readonly path: string;
  readonly format: string;
  /** `image-downloads`, `image-ids`, ...: see assertDownloads. */
  readonly datatype?: string;
  readonly updated?: Date;
  readonly products: readonly string[];
  /** Further keys: `clouds`, `cloudname`, ... */
  readonly fields: StreamsFields;
}

const FORMAT = 'index:1.0';
const PRODUCTS_FORMAT = 'products:1.0';

interface EntryDocument extends StreamsFields {
  readonly path: string;
  readonly format?: string;
  readonly datatype?: string;
  readonly updated?: string;
  readonly products?: readonly string[];
}

interface IndexDocument extends StreamsFields {
  readonly format: string;
  readonly updated?: string;
  readonly index: Readonly<Record<string, EntryDocument>>;
}

const text = { type: 'string' };

const readDocument = jsonReader<IndexDocument>({
  type: 'object',
  required: ['format', 'index'],
  properties: {
    format: { const: FORMAT },
    updated: text,
    index: {
      type: 'object',
      additionalProperties: {
        type: 'object',
        required: ['path'],
        properties: {
          path: text,
          format: text,
          datatype: text,
          updated: text,
          products: { type: 'array', items: text },
        },
      },
    },
  },
});

/**
 * Reads an index, clearsigned or not; the signature is not looked at, and unknown keys are kept. Throws SyncError invalid for what the format
 * does not allow, refused for a path that is not safe.
 */
export function parseIndex(json: string): StreamsIndex {
  const { format: _format, updated, index, ...fields } = readDocument(json);
  return {
    ...updatedOf(updated),
    fields,
    entries: new Map(
      Object.entries(index).map(([contentId, entry]) => [
        contentId,
        at(
          () => shown(contentId),
          () => readEntry(entry),
        ),
      ]),
    ),
  };
}

function readEntry({ path, format = PRODUCTS_FORMAT, datatype, updated, products = [], ...fields }: EntryDocument) {
  assertSafePath(path);
  return { path, format, ...(datatype === undefined ? {} : { datatype }), ...updatedOf(updated), products, fields };
}

function updatedOf(text: string | undefined): { readonly updated?: Date } {
  const updated = readUpdated(text);
  return updated === undefined ? {} : { updated };
}

/** Writes an index that parseIndex reads as the same; the same index is the same text. Throws SyncError refused for an unsafe path. */
export function writeIndex({ updated, fields, entries }: StreamsIndex): string {
  const index = Array.from(entries, ([contentId, entry]) => {
    assertSafePath(entry.path);
    return [contentId, { ...entry.fields, ...entry, fields: undefined, ...writtenUpdated(entry.updated) }];
  });
  return writeJson({ ...fields, format: FORMAT, ...writtenUpdated(updated), index: Object.fromEntries(index) });
}

function writtenUpdated(updated: Date | undefined): { readonly updated?: string } {
  return updated === undefined ? {} : { updated: writeUpdated(updated) };
}
