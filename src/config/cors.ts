import type { Option } from './option.js';
import type { SectionValues } from './options.js';
import { CORS_OPTIONS } from './options/cors.js';
import type { Filter } from './pipeline.js';
import { readSection, type Settings } from './settings.js';

type CorsOptions = { readonly [N in keyof typeof CORS_OPTIONS]: Option<CorsValues[N]> };
export type CorsValues = SectionValues<typeof CORS_OPTIONS>;

/**
 * What holds for which origins, first match first, by oslo.middleware's rules: the filter's own options replace those of [cors];
 * each [cors.name] section adds origins, and takes from there what it does not set. Empty without a cors filter.
 * Mistakes in the filter's options are added to `problems`.
 */
export function readCors(
  filters: readonly Filter[],
  sections: readonly string[],
  settings: Settings,
  problems: string[],
): readonly CorsValues[] {
  const filter = filters.find(({ kind }) => kind === 'cors');
  if (filter === undefined) return [];
  const main = readSection<CorsValues>('cors', withDefaults(CORS_OPTIONS, override(filter, problems)), settings);
  return [main];
}
