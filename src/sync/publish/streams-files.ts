import type { StreamsProduct } from '../formats/streams.js';
import { type StreamsIndexEntry, writeIndex } from '../formats/streams-index.js';
import { writeProducts } from '../formats/streams-products.js';
import type { Fingerprints } from './fingerprints.js';
import type { RepositoryFile } from './ports.js';

import { contentId, type PublishSettings, productsPath } from './settings.js';
import { type Signing, signedPath, signedStream } from './signing.js';
import { type Fields, type StreamItem, streamItems } from './streams-tree.js';
import type { Version } from './version.js';

export interface StreamsParts {
  readonly settings: PublishSettings;
  readonly versions: readonly Version[];
  readonly updated: Date;
  readonly fingerprints: Fingerprints;
  readonly signing: Signing | undefined;
}

const INDEX = 'streams/v1/index.json';
const DOWNLOADS = 'image-downloads';

/** The index of simplestreams and one products file for each set, in all signed forms. */
export async function streamsFiles(parts: StreamsParts): Promise<readonly RepositoryFile[]> {
  const { settings, versions, updated, signing } = parts;
  const files: RepositoryFile[] = [];
  const entries = new Map<string, StreamsIndexEntry>();
  for (const set of settings.sets) {
    const id = contentId(settings, set.channel);
    const path = productsPath(settings, set.channel);
    const items = await streamItems(
      versions.filter(({ shown }) => shown.sets.includes(set.name)),
      parts.fingerprints,
    );
    const products = condense(items);
    const json = writeProducts({ contentId: id, datatype: DOWNLOADS, updated, fields: {}, products });
    entries.set(id, {
      path,
      format: 'products:1.0',
      datatype: DOWNLOADS,
      updated,
      products: [...products.keys()],
      fields: {},
    });
    files.push(...(await signedStream(path, 'products', { json, sjson: json }, signing)));
  }
  // Whoever begins with the signed index goes on with signed files.
  const signed = new Map([...entries].map(([id, entry]) => [id, { ...entry, path: signedPath(entry.path) }]));
  const texts = {
    json: writeIndex({ updated, fields: {}, entries }),
    sjson: writeIndex({ updated, fields: {}, entries: signed }),
  };
  return [...files, ...(await signedStream(INDEX, 'index', texts, signing))];
}

/** Items under the versions of their products, what all say in one place. Of two at one place the first stays. */
function condense(items: readonly StreamItem[]): ReadonlyMap<string, StreamsProduct> {
  const products = new Map<
    string,
    { fields: Fields; versions: Map<string, { fields: Fields; items: Map<string, Fields> }> }
  >();
  for (const { product, version, item, productFields, versionFields, fields } of items) {
    const under = products.get(product) ?? { fields: productFields, versions: new Map() };
    products.set(product, under);
    const place = under.versions.get(version) ?? { fields: versionFields, items: new Map() };
    under.versions.set(version, place);
    if (!place.items.has(item)) place.items.set(item, fields);
  }
  return products;
}
