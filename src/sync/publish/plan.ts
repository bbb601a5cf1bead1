import type { Encoding } from '../../compression/encoding.js';
import { choose, leavingVersions } from './candidates.js';
import { missing } from './encode-missing.js';
import { contentKey } from './known-blobs.js';
import type { PublishOptions } from './publisher.js';
import { remember, snapshot } from './publisher.js';
import { Ledger } from './serials.js';
import { makeVersions } from './versions.js';

/** What a run would do now. */
export interface PublishPlan {
  /** What readers see now; 0 is nothing. */
  readonly generation: number;
  /** Images that would be read, and how they would be packed. */
  readonly encode: readonly {
    readonly image: string;
    readonly name: string;
    readonly encoding: Encoding;
    readonly size: number | null;
  }[];
  /** Versions that readers do not see yet; the serial is not known before the image was read. */
  readonly add: readonly { readonly image: string; readonly name: string; readonly place: string }[];
  /** Versions that would leave the lists: of images that are gone, and those that another takes the place of. */
  readonly remove: readonly { readonly image: string; readonly place: string }[];
  /** Versions that would stay as they are. */
  readonly keep: number;
  readonly failed: readonly { readonly image: string; readonly name: string; readonly message: string }[];
}

/** Finds out what a run would do, without a lock and without writing anything. Throws as publishOnce does. */
export async function planOnce(options: Omit<PublishOptions, 'hasher' | 'log'>): Promise<PublishPlan> {
  const { source, target, settings, signal, prune, restore } = options;
  const now = options.now?.() ?? new Date();
  const { state, known } = await remember(target);
  const choice = choose(await snapshot(source, signal), { sets: settings.sets, lines: state.lines, now });
  const pruned = new Set(restore ? [] : state.pruned);
  if (prune !== undefined) {
    for (const { image } of leavingVersions(choice.candidates, prune, now)) pruned.add(image.id);
  }
  const candidates = choice.candidates.filter(({ image }) => !pruned.has(image.id));
  const tasks = await missing(candidates, known, target);
  const unread = new Set(tasks.map(({ key }) => key));
  const ledger = new Ledger(state.ledger.entries);
  const { versions, failures } = makeVersions(candidates, { known, ledger, domain: settings.domain, now });
  const ready = versions.filter(({ image }) => !unread.has(contentKey(image)));
  const staying = ready.filter(({ image, place }) => state.images.get(image.id) === place);
  const stays = new Set(staying.map(({ image }) => image.id));
  const places = new Map(ready.map(({ image, place }) => [image.id, place]));
  return {
    generation: state.generation,
    encode: tasks.map(({ image, encoding }) => ({
      image: image.id,
      name: image.name ?? '',
      encoding,
      size: image.size,
    })),
    add: candidates
      .filter(({ image }) => !stays.has(image.id) && !failures.some((failure) => failure.image === image.id))
      .map(({ image, folder, day }) => ({
        image: image.id,
        name: image.name ?? '',
        place: places.get(image.id) ?? `${folder}/${day}`,
      })),
    remove: [...state.images].filter(([image]) => !stays.has(image)).map(([image, place]) => ({ image, place })),
    keep: staying.length,
    failed: failures.map(({ image, name, message }) => ({ image, name, message })),
  };
}
