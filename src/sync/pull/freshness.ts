import { SyncError } from '../sync-error.js';
import type { SeenGeneration } from './source-state.js';

export interface FreshnessRules {
  readonly now: Date;
  /** Keys are configured, so that what the repository says of itself is its publisher's word. */
  readonly signed: boolean;
  /** `--allow-expired` */
  readonly allowExpired: boolean;
  /** Days without a new generation after which it is time to worry. */
  readonly maxAgeDays: number;
  /** Where the newest state that was seen is kept, for the error that says how to forget it. */
  readonly stateFile: string;
}

const DAY_MS = 86_400_000;

/**
 * Holds what a repository says of itself against what was seen of it before (sync-and-manager section 1.8, step 3). A repository that is older than one
 * that was seen is refused: somebody plays back old images; so is, where keys are configured, one that does not say so any more. One behind its `expires` is refused where keys are configured, for then the publisher has
 * said so, and warned of otherwise; so is one that has not changed for long: somebody may hold back new images. Throws SyncError signature.
 */
export function checkFreshness(
  found: SeenGeneration | undefined,
  seen: SeenGeneration | undefined,
  rules: FreshnessRules,
): readonly string[] {
  if (found === undefined) {
    if (seen === undefined) return [];
    const silent = 'the repository no longer says how old it is, which it did before';
    if (!rules.signed) return [silent];
    throw new SyncError('signature', `${silent}. If its publisher means it, remove ${rules.stateFile}`);
  }
  const updated = Date.parse(found.updated);
  if (seen !== undefined && isOlder(found, seen)) {
    throw new SyncError(
      'signature',
      `the repository is of ${found.updated} (generation ${found.generation}), older than what was seen before: ${seen.updated} (generation ${seen.generation}). ` +
        `If its publisher started anew, remove ${rules.stateFile}`,
    );
  }
  const warnings: string[] = [];
  const now = rules.now.getTime();
  if (isAhead(found, rules.now)) warnings.push(`the repository is of ${found.updated}, which is in the future`);
  if (found.expires !== undefined && Date.parse(found.expires) < now) {
    const expired = `the repository expired on ${found.expires}`;
    if (rules.signed && !rules.allowExpired) {
      throw new SyncError(
        'signature',
        `${expired}: somebody may hold back a newer one. --allow-expired takes it all the same`,
      );
    }
    warnings.push(expired);
  }
  const days = Math.floor((now - updated) / DAY_MS);
  if (days > rules.maxAgeDays) warnings.push(`the repository has not changed for ${days} days`);
  return warnings;
}

/** Whether a repository is of a time that has not come, beyond what clocks differ by. Remembered, it would lock out all that comes before. */
export function isAhead({ updated }: SeenGeneration, now: Date): boolean {
  return Date.parse(updated) - now.getTime() > DAY_MS;
}

/** A repository that was set up anew counts its generations from the start, at a later time. */
function isOlder(found: SeenGeneration, seen: SeenGeneration): boolean {
  const age = Date.parse(seen.updated) - Date.parse(found.updated);
  return age > 0 || (age === 0 && found.generation < seen.generation);
}
