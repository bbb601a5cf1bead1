import { SyncError } from '../sync-error.js';

/** Keys of one level with their JSON values, those included that nobody here knows. */
export type StreamsFields = Readonly<Record<string, unknown>>;

/** A products file: `products:1.0` of simplestreams (sync-and-manager section 2.1). */
export interface StreamsProducts {
  readonly contentId: string;
  /** `image-downloads`, `image-ids`, ... */
  readonly datatype?: string;
  readonly updated?: Date;
  /** Further keys of the top level: `license`, `aliases`, ... */
  readonly fields: StreamsFields;
  readonly products: ReadonlyMap<string, StreamsProduct>;
}

export interface StreamsProduct {
  /** Keys beside the versions: `arch`, `os`, `release`, ... */
  readonly fields: StreamsFields;
  readonly versions: ReadonlyMap<string, StreamsVersion>;
}

export interface StreamsVersion {
  /** Keys beside the items: `label`, `pubname`, ... */
  readonly fields: StreamsFields;
  readonly items: ReadonlyMap<string, StreamsFields>;
}

/** One item with all that it inherits. Its contentId, product, version and item together are unique. */
export interface StreamsItem {
  readonly product: string;
  readonly version: string;
  readonly item: string;
  readonly contentId: string;
  /** Its own keys, then those of its version, product and file; `product_name`, `version_name`, `item_name`, `content_id` and `datatype` too. */
  readonly fields: StreamsFields;
}

/** Every item copies what it inherits: many keys above many items would fill the memory. */
const MOST_FIELDS = 5_000_000;

/** Keys of the top level that are the file's own affair. */
const FILE_KEYS: ReadonlySet<string> = new Set(['aliases']);

/** The items of a products file, in its order, each with what it inherits. Throws SyncError invalid for a file made to fill the memory. */
export function flattenProducts({ contentId, datatype, fields, products }: StreamsProducts): StreamsItem[] {
  const items: StreamsItem[] = [];
  let copied = 0;
  const count = (keys: number) => {
    copied += keys;
    if (copied > MOST_FIELDS) throw new SyncError('invalid', `the items have more than ${MOST_FIELDS} keys`);
  };
  // From lists of entries: spread into one another, objects of many keys take a hundred times as long.
  const file = [
    ...Object.entries(fields).filter(([key]) => !FILE_KEYS.has(key)),
    ['content_id', contentId] as const,
    ...(datatype === undefined ? [] : [['datatype', datatype] as const]),
  ];
  for (const [product, { fields: ofProduct, versions }] of products) {
    for (const [version, { fields: ofVersion, items: ofItems }] of versions) {
      const above = [...file, ...Object.entries(ofProduct), ...Object.entries(ofVersion)];
      count(above.length);
      for (const [item, own] of ofItems) {
        const names = { product_name: product, version_name: version, item_name: item };
        const entries = [...above, ...Object.entries(own), ...Object.entries(names)];
        count(entries.length);
        items.push({ product, version, item, contentId, fields: Object.fromEntries(entries) });
      }
    }
  }
  return items;
}
