import type { Draft, RemoteChange, RemoteImage } from './destination.js';
import type { SourceEntry } from './source-entry.js';

/** What is done about one image, and why (sync-and-manager section 1.8, steps 5 and 7). */
export type Decision = Offered | Vanished;

interface About {
  readonly entry: SourceEntry;
  /** Its name at the destination. */
  readonly name: string;
  /** In people's words. */
  readonly reason: string;
}

/** An image that the source offers. */
export type Offered =
  /** It is there as it should be. */
  | (About & { readonly kind: 'up-to-date'; readonly image: RemoteImage; readonly draft: Draft })
  /** Its bytes are there; what is said of it changes. */
  | (About & {
      readonly kind: 'refresh';
      readonly image: RemoteImage;
      readonly change: RemoteChange;
      readonly draft: Draft;
    })
  /** Another image has the same name and the same bytes, and is left alone. */
  | (About & { readonly kind: 'exists'; readonly image: RemoteImage })
  /** It is left out. */
  | (About & { readonly kind: 'skip'; readonly image?: RemoteImage })
  /** It is imported, and takes the place of images of its name, if there are any. */
  | (About & ImportPlan);

export interface ImportPlan {
  readonly kind: 'import' | 'rotate' | 'replace';
  readonly draft: Draft;
  /** Images of the same name that make room. */
  readonly olds: readonly RemoteImage[];
}

/** An image from the source that the source no longer offers. */
export interface Vanished {
  readonly kind: 'hide' | 'delete' | 'wait';
  readonly image: RemoteImage;
  readonly name: string;
  readonly reason: string;
}

export type CollisionPolicy = 'skip' | 'rotate' | 'replace';

export const COLLISION_POLICIES: readonly CollisionPolicy[] = ['skip', 'rotate', 'replace'];

/** `keep`: what the source says of the image; else what the user says of all. */
export type VisibilityRule = 'keep' | RemoteImage['visibility'];

export const VISIBILITY_RULES: readonly VisibilityRule[] = ['keep', 'public', 'private', 'shared', 'community'];

/** Images that a decision is about. */
export function idsOf(decision: Offered): readonly string[] {
  return 'olds' in decision
    ? decision.olds.map(({ id }) => id)
    : decision.image === undefined
      ? []
      : [decision.image.id];
}

/** Bytes that imports bring from the source; undefined unless all of them are known. */
export function bytesOf(decisions: readonly Offered[]): number | undefined {
  let sum = 0;
  for (const decision of decisions) {
    if (!('olds' in decision)) continue;
    const { stored, size, expand } = decision.entry.entry;
    const bytes = stored.size ?? (expand === 'none' ? size : undefined);
    if (bytes === undefined) return undefined;
    sum += bytes;
  }
  return sum;
}
