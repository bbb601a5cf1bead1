import type { Vanished } from './decision.js';
import type { RemoteChange, RemoteImage } from './destination.js';
import { isManaged, type Ownership, PROVENANCE } from './provenance.js';

export interface VanishedRules {
  /** Every `image_sync_source` that is still there, those that a filter leaves out too. */
  readonly offered: ReadonlySet<string>;
  /** Whether an `image_sync_source` would be among them if it were still there; undefined where nobody can say. */
  readonly covers: ((syncSource: string) => boolean) | undefined;
  /** Ids of images that this job brought or found to be its own, now or before: what images say of themselves others can write, and another job may mirror what lies below. */
  readonly known: { has(id: string): boolean };
  /** Ids of images that this run does something else to. */
  readonly busy: ReadonlySet<string>;
  readonly ownership: Ownership;
  readonly prefix: string;
  readonly set: string | undefined;
  /** Days between hiding and deleting. */
  readonly graceDays: number;
  readonly now: Date;
}

const DAY_MS = 86_400_000;

export interface Leaving {
  readonly gone: readonly Vanished[];
  /** Images that look as if they had come from here, and that this job knows nothing of. */
  readonly strangers: readonly RemoteImage[];
}

/**
 * What becomes of images that were mirrored from here and that the source no longer offers, for `--prune`: they are hidden, and deleted after a time of grace.
 */
export function decideVanished(images: readonly RemoteImage[], rules: VanishedRules): Leaving {
  const strangers: RemoteImage[] = [];
  const gone = images.flatMap((image): readonly Vanished[] => {
    const { properties } = image;
    const name = image.name ?? '';
    const ours = isManaged(image, rules.ownership) && properties.get(PROVENANCE.set) === rules.set;
    if (!ours || !name.startsWith(rules.prefix) || properties.has(PROVENANCE.pending)) return [];
    const from = properties.get(PROVENANCE.entry) ?? '';
    if (rules.busy.has(image.id) || rules.offered.has(from) || rules.covers?.(from) !== true) return [];
    if (!rules.known.has(image.id)) {
      strangers.push(image);
      return [];
    }
    const since = Date.parse(properties.get(PROVENANCE.gone) ?? '');
    if (Number.isNaN(since)) return [{ kind: 'hide', image, name, reason: 'the source no longer offers it' }];
    const days = (rules.now.getTime() - since) / DAY_MS;
    const why = `the source has not offered it for ${Math.floor(days)} days`;
    return [{ kind: days >= rules.graceDays ? 'delete' : 'wait', image, name, reason: why }];
  });
  return { gone, strangers };
}

/** Out of sight, and yet there for those who use it. */
export function hiding(image: RemoteImage, api: string, now: Date): RemoteChange {
  const set = new Map([[PROVENANCE.gone, now.toISOString()]]);
  if (api === 'v1') return { set, ...(image.visibility === 'private' ? {} : { visibility: 'private' }) };
  return { set, hidden: true, ...(image.visibility === 'public' ? { visibility: 'community' } : {}) };
}
