import { isRegistryError } from '../../domain/errors.js';
import type { Image } from '../../domain/image.js';
import type { Branch, ImageFilter, ImageQuery, ImageRegistry } from '../../domain/ports/images.js';
import type { Opened } from '../../domain/ports/store.js';
import type { Locations } from '../../service/locations.js';
import type { PublishSource } from './ports.js';
import { tagOf } from './sets.js';

export interface RegistrySourceOptions {
  readonly images: ImageRegistry;
  readonly locations: Locations;
  /** Names of the sets that take images by their tag. */
  readonly tagged: readonly string[];
  /** Whether anybody may read a property; protected ones are not published. */
  readonly mayRead: (property: string) => boolean;
}

/** Images of one statement, which sees one moment. Few registries have more that are public. */
const PAGE = 10_000;

/** Only this process reads. */
const READER = { address: '127.0.0.1', hasToken: false, wantsRedirect: false };

/** The public images of a registry, and those that their owners gave to a set by a tag; their bytes come from the stores. */
export function createRegistrySource(options: RegistrySourceOptions): PublishSource {
  const { images, locations, tagged, mayRead } = options;
  const shown = (image: Image): Image => ({
    ...image,
    properties: new Map([...image.properties].filter(([name]) => mayRead(name))),
  });
  return {
    async *images(signal) {
      const seen = new Set<string>();
      const lists: [Branch, ImageFilter[]][] = [
        [{ of: 'visibility', visibility: 'public' }, []],
        ...tagged.map((set): [Branch, ImageFilter[]] => [{ of: 'everything' }, [{ by: 'tag', tag: tagOf(set) }]]),
      ];
      for (const [branch, filters] of lists) {
        for await (const image of pagesOf(images, branch, filters, signal)) {
          if (seen.has(image.id)) continue;
          seen.add(image.id);
          yield shown(image);
        }
      }
    },
    open: (image: Image, signal: AbortSignal): Promise<Opened> =>
      locations.open(image, undefined, { signal, reader: READER }),
    async isThere({ id }) {
      try {
        return (await images.get(id, { kind: 'admin', seesDeleted: false })).status === 'active';
      } catch (error) {
        if (isRegistryError(error, 'not-found')) return false;
        throw error;
      }
    },
    async close() {},
  };
}

async function* pagesOf(
  images: ImageRegistry,
  branch: Branch,
  filters: readonly ImageFilter[],
  signal: AbortSignal,
): AsyncGenerator<Image, void, undefined> {
  const query: ImageQuery = {
    scope: [branch],
    filters: [{ by: 'text', field: 'status', in: ['active'] }, ...filters],
    sort: [{ field: 'createdAt', direction: 'asc' }],
    limit: PAGE,
    deleted: 'exclude',
  };
  let marker: Image | undefined;
  for (;;) {
    signal.throwIfAborted();
    const page = await images.list(marker === undefined ? query : { ...query, marker });
    yield* page.items;
    marker = page.items.at(-1);
    if (!page.more || marker === undefined) return;
  }
}
