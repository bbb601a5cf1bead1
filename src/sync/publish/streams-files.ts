import type { Fingerprints } from './fingerprints.js';
import type { RepositoryFile } from './ports.js';
import { contentId, type PublishSettings, productsPath } from './settings.js';
import { type Signing, signedStream } from './signing.js';
import { type StreamItem, streamItems } from './streams-tree.js';
import type { Version } from './version.js';

export interface StreamsParts {
  readonly settings: PublishSettings;
  readonly versions: readonly Version[];
  readonly updated: Date;
  readonly fingerprints: Fingerprints;
  readonly signing: Signing | undefined;
}

const INDEX = 'streams/v1/index.json';

/** The index of simplestreams and one products file for each set, in all signed forms. */
export async function streamsFiles(parts: StreamsParts): Promise<readonly RepositoryFile[]> {
  const { settings, versions, signing } = parts;
  const updated = rfc2822(parts.updated);
  const files: RepositoryFile[] = [];
  const streams: { readonly id: string; readonly path: string; readonly products: readonly string[] }[] = [];
  for (const set of settings.sets) {
    const id = contentId(settings, set.channel);
    const path = productsPath(settings, set.channel);
    const items = await streamItems(
      versions.filter(({ shown }) => shown.sets.includes(set.name)),
      parts.fingerprints,
    );
    const products = condense(items);
    streams.push({ id, path, products: Object.keys(products) });
    const json = written({ content_id: id, datatype: 'image-downloads', format: 'products:1.0', products, updated });
    files.push(...(await signedStream(path, 'products', { json, sjson: json }, signing)));
  }
  const index = (shown: (path: string) => string): string =>
    written({
      format: 'index:1.0',
      index: Object.fromEntries(
        streams.map(({ id, path, products }) => [
          id,
          { datatype: 'image-downloads', format: 'products:1.0', path: shown(path), products, updated },
        ]),
      ),
      updated,
    });
  // Whoever begins with the signed index goes on with signed files.
  const texts = { json: index((path) => path), sjson: index((path) => path.replace(/\.json$/, '.sjson')) };
  return [...files, ...(await signedStream(INDEX, 'index', texts, signing))];
}

type Tree = Record<string, unknown>;

/** Items under the versions of their products, what all say in one place. */
function condense(items: readonly StreamItem[]): Tree {
  const products = new Map<
    string,
    { fields: Tree; versions: Map<string, { fields: Tree; items: Map<string, Tree> }> }
  >();
  for (const { product, version, item, productFields, versionFields, fields } of items) {
    const under = products.get(product) ?? { fields: productFields, versions: new Map() };
    products.set(product, under);
    const place = under.versions.get(version) ?? { fields: versionFields, items: new Map() };
    under.versions.set(version, place);
    if (!place.items.has(item)) place.items.set(item, fields);
  }
  return sorted(products, ({ fields, versions }) => ({
    ...fields,
    versions: sorted(versions, (version) => ({ ...version.fields, items: sorted(version.items, (item) => item) })),
  }));
}

function sorted<T>(map: ReadonlyMap<string, T>, shown: (value: T) => Tree): Tree {
  const keys = [...map].sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(keys.map(([key, value]) => [key, shown(value)]));
}

/** One space of indentation, as other mirrors have it; the same values give the same text. */
function written(document: Tree): string {
  return `${JSON.stringify(document, undefined, 1)}\n`;
}

/** `Tue, 24 Feb 2015 14:14:24 +0000` */
function rfc2822(date: Date): string {
  return date.toUTCString().replace('GMT', '+0000');
}
