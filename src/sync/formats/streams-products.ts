import { at } from '../sync-error.js';
import { jsonReader, writeJson } from './json-document.js';
import { assertSafePath } from './safe-path.js';
import { shown } from './shown.js';
import type { StreamsFields, StreamsProduct, StreamsProducts, StreamsVersion } from './streams.js';
import { readUpdated, writeUpdated } from './streams-time.js';

const FORMAT = 'products:1.0';

interface VersionDocument extends StreamsFields {
  readonly items: Readonly<Record<string, StreamsFields>>;
}

interface ProductDocument extends StreamsFields {
  readonly versions: Readonly<Record<string, VersionDocument>>;
}

interface ProductsDocument extends StreamsFields {
  readonly content_id: string;
  readonly datatype?: string;
  readonly updated?: string;
  readonly products: Readonly<Record<string, ProductDocument>>;
}

const text = { type: 'string' };
const objects = (of: object) => ({ type: 'object', additionalProperties: { type: 'object', ...of } });
const hex = (digits: number) => ({ type: 'string', pattern: `^[0-9a-fA-F]{${digits}}$` });

const ITEM = {
  properties: {
    path: text,
    ftype: text,
    size: { type: ['integer', 'string'], minimum: 0, pattern: '^[0-9]*$' },
    md5: hex(32),
    sha1: hex(40),
    sha256: hex(64),
    sha512: hex(128),
  },
};

const readDocument = jsonReader<ProductsDocument>({
  type: 'object',
  required: ['format', 'content_id', 'products'],
  properties: {
    format: { const: FORMAT },
    content_id: text,
    datatype: text,
    updated: text,
    products: objects({
      required: ['versions'],
      properties: { versions: objects({ required: ['items'], properties: { items: objects(ITEM) } }) },
    }),
  },
});

/**
 * Reads a products file, clearsigned or not; the signature is not looked at, and unknown keys are kept. Throws SyncError invalid for what
 * the format does not allow, refused for a path that is not safe.
 */
export function parseProducts(json: string): StreamsProducts {
  const {
    format: _format,
    content_id: contentId,
    datatype,
    updated: written,
    products,
    ...fields
  } = readDocument(json);
  const updated = readUpdated(written);
  return {
    contentId,
    ...(datatype === undefined ? {} : { datatype }),
    ...(updated === undefined ? {} : { updated }),
    fields,
    products: mapOf(products, readProduct),
  };
}

function readProduct({ versions, ...fields }: ProductDocument): StreamsProduct {
  return { fields, versions: mapOf(versions, readVersion) };
}

function readVersion({ items, ...fields }: VersionDocument): StreamsVersion {
  return { fields, items: mapOf(items, readItem) };
}

function readItem(item: StreamsFields): StreamsFields {
  if (typeof item.path === 'string') assertSafePath(item.path);
  return item;
}

/** Errors name the key on every level. */
function mapOf<V, W>(record: Readonly<Record<string, V>>, read: (value: V) => W): ReadonlyMap<string, W> {
  return new Map(
    Object.entries(record).map(([key, value]) => [
      key,
      at(
        () => shown(key),
        () => read(value),
      ),
    ]),
  );
}

/** Writes a products file that parseProducts reads as the same; the same tree is the same text. Throws SyncError refused for an unsafe path. */
export function writeProducts({ contentId, datatype, updated, fields, products }: StreamsProducts): string {
  return writeJson({
    ...fields,
    format: FORMAT,
    content_id: contentId,
    ...(datatype === undefined ? {} : { datatype }),
    ...(updated === undefined ? {} : { updated: writeUpdated(updated) }),
    products: recordOf(products, (product) => ({
      ...product.fields,
      versions: recordOf(product.versions, (version) => ({
        ...version.fields,
        items: recordOf(version.items, readItem),
      })),
    })),
  });
}

function recordOf<V>(
  map: ReadonlyMap<string, V>,
  write: (value: V) => StreamsFields,
): Readonly<Record<string, StreamsFields>> {
  return Object.fromEntries(Array.from(map, ([key, value]) => [key, write(value)]));
}
