import type { Vanished } from './decision.js';
import type { RemoteImage } from './destination.js';
import { isManaged, type Ownership, PROVENANCE } from './provenance.js';

export interface VanishedRules {
  readonly ownership: Ownership;
  readonly prefix: string;
  readonly set: string | undefined;
  /** Days between hiding and deleting. */
  readonly graceDays: number;
  readonly now: Date;
}

const DAY_MS = 86_400_000;

/**
 * What becomes of images that were mirrored from here and that the source no longer offers, for `--prune`: they are hidden, and deleted after a time of grace.
 * `offered` are all `image_sync_source` that are still there, those that a filter leaves out too; `busy` are images that this run does something else to.
 */
export function decideVanished(
  images: readonly RemoteImage[],
  offered: ReadonlySet<string>,
  busy: ReadonlySet<string>,
  rules: VanishedRules,
): readonly Vanished[] {
  return images.flatMap((image): readonly Vanished[] => {
    const { properties } = image;
    const name = image.name ?? '';
    const ours = isManaged(image, rules.ownership) && properties.get(PROVENANCE.set) === rules.set;
    if (!ours || !name.startsWith(rules.prefix) || properties.has(PROVENANCE.pending)) return [];
    if (busy.has(image.id) || offered.has(properties.get(PROVENANCE.entry) ?? '')) return [];
    const since = Date.parse(properties.get(PROVENANCE.gone) ?? '');
    if (Number.isNaN(since)) return [{ kind: 'hide', image, name, reason: 'the source no longer offers it' }];
    const days = (rules.now.getTime() - since) / DAY_MS;
    const gone = `the source has not offered it for ${Math.floor(days)} days`;
    return [{ kind: days >= rules.graceDays ? 'delete' : 'wait', image, name, reason: gone }];
  });
}
