import type { Filter } from './filters.js';
import { compareSerials, type SourceEntry } from './source-entry.js';

export interface SelectionRules {
  readonly filters: readonly Filter[];
  /** `--max`: newest versions of each product. */
  readonly max: number | undefined;
}

export interface Selection {
  /** What is to be mirrored, in the order of the source. */
  readonly wanted: readonly SourceEntry[];
  /** Versions that `max` leaves out. */
  readonly surplus: readonly SourceEntry[];
}

/** What of a source is to be mirrored: what passes every filter, of several files of one image the best, and of the versions of a product the newest. */
export function select(entries: readonly SourceEntry[], { filters, max }: SelectionRules): Selection {
  const passed = chosen(entries.filter(({ fields }) => filters.every((passes) => passes(fields))));
  if (max === undefined) return { wanted: passed, surplus: [] };
  const products = new Map<string, SourceEntry[]>();
  for (const entry of passed) {
    const versions = products.get(entry.product);
    if (versions === undefined) products.set(entry.product, [entry]);
    else versions.push(entry);
  }
  const newest = new Set(
    [...products.values()].flatMap((versions) =>
      versions.toSorted((one, other) => compareSerials(other.entry.version, one.entry.version)).slice(0, max),
    ),
  );
  return {
    wanted: passed.filter((entry) => newest.has(entry)),
    surplus: passed.filter((entry) => !newest.has(entry)),
  };
}

/** One entry of each choice: that of the smallest rank; a file that several products files list, each for its channel, is one image. */
function chosen(entries: readonly SourceEntry[]): readonly SourceEntry[] {
  const best = new Map<string, SourceEntry>();
  for (const entry of entries) {
    if (entry.choice === undefined) continue;
    const rival = best.get(entry.choice.of)?.choice;
    if (rival === undefined || entry.choice.rank < rival.rank) best.set(entry.choice.of, entry);
  }
  const seen = new Set<string>();
  return entries.filter((entry) => {
    if (entry.choice === undefined) return true;
    if (best.get(entry.choice.of) !== entry) return false;
    const file = `${entry.entry.name}\n${entry.image.href}`;
    if (seen.has(file)) return false;
    seen.add(file);
    return true;
  });
}
