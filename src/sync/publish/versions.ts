import type { Candidate } from './candidates.js';
import { type Failure, failureOf } from './encode-missing.js';
import { contentKey, type KnownBlobs } from './known-blobs.js';
import type { Ledger } from './serials.js';
import { makeVersion, type Version } from './version.js';

export interface VersionsParts {
  readonly known: KnownBlobs;
  readonly ledger: Ledger;
  readonly domain: string;
  readonly now: Date;
}

/**
 * The versions of a generation: each candidate in those of its encodings that are in the pool. One without any is left out: it failed,
 * or came while the others were read and is the next run's.
 */
export function makeVersions(
  candidates: readonly Candidate[],
  { known, ledger, domain, now }: VersionsParts,
): { readonly versions: readonly Version[]; readonly failures: readonly Failure[] } {
  const versions: Version[] = [];
  const failures: Failure[] = [];
  for (const candidate of candidates) {
    const key = contentKey(candidate.image);
    const [first, ...others] = candidate.encodings.flatMap((encoding) => known.get(key, encoding) ?? []);
    if (first === undefined) continue;
    try {
      versions.push(makeVersion({ candidate, blobs: [first, ...others], ledger, domain, now }));
    } catch (error) {
      failures.push(failureOf(candidate.image, error));
    }
  }
  return { versions: versions.sort(byProduct), failures };
}

/** By product, and the newest version first. */
function byProduct({ shown: a }: Version, { shown: b }: Version): number {
  if (a.product !== b.product) return a.product < b.product ? -1 : 1;
  return a.version < b.version ? 1 : -1;
}
