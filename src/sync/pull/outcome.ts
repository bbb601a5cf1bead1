import type { SeenGeneration } from './source-state.js';

export const ACTIONS = [
  'imported',
  'rotated',
  'replaced',
  'refreshed',
  'up-to-date',
  'exists',
  'skipped',
  'hidden',
  'deleted',
  'waiting',
  'failed',
] as const;

export type Action = (typeof ACTIONS)[number];

/** What became of one image; in a dry run, what would. */
export interface Result {
  readonly action: Action;
  /** At the destination. */
  readonly name: string;
  /** Where the source describes it; its id where the source no longer does. */
  readonly label: string;
  readonly id?: string;
  /** Why, or what went wrong. */
  readonly reason: string;
  /** Bytes that were uploaded. */
  readonly size?: number;
  readonly seconds?: number;
}

export interface Outcome {
  /** Without credentials. */
  readonly source: string;
  readonly kind: string;
  readonly seen: SeenGeneration | undefined;
  readonly results: readonly Result[];
  readonly warnings: readonly string[];
}

/** Told of everything as it happens. */
export interface Reporter {
  result(result: Result): void;
  warning(text: string): void;
  /** Bytes that came from the source since the last call; `total` are those that the whole run will bring, where that is known. */
  progress(bytes: number, total: number | undefined): void;
}

export function countOf({ results }: Pick<Outcome, 'results'>, action: Action): number {
  return results.filter((result) => result.action === action).length;
}
