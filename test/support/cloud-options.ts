import { destinationOptions, type OptionValues } from '../../src/sync/pull/cloud/access-options.js';
import type { DestinationOptions } from '../../src/sync/pull/destination.js';

/** Options of a destination from an environment that holds these variables alone, so that none of the machine counts. */
export function cloudOptions(
  env: Readonly<Record<string, string>>,
  values: OptionValues = {},
  cwd = '/nonexistent',
): DestinationOptions {
  return destinationOptions(values, env, cwd);
}
