import { CORS_OPTIONS } from './options/cors.js';
import type { SectionValues } from './options.js';
import type { Filter } from './pipeline.js';
import { readSection, type Setting, Settings } from './settings.js';

/** What holds for the origins that `allowed_origin` names. */
export type CorsValues = SectionValues<typeof CORS_OPTIONS>;

/**
 * The rules of the cors filter as oslo.middleware finds them: the filter's own options replace those of [cors], and each [cors.name]
 * section adds origins with what it sets, the rest as in [cors]. Empty without such a filter. Mistakes are added to `problems`.
 */
export function readCors(
  filters: readonly Filter[],
  all: readonly Setting[],
  problems: string[],
): readonly CorsValues[] {
  const filter = filters.find(({ kind }) => kind === 'cors');
  if (filter === undefined) return [];
  const own = Object.entries(filter.options).map(
    ([name, value]): Setting => ({ section: 'cors', name, value, origin: 'command line', where: 'the cors filter' }),
  );
  const settings = new Settings([...all, ...own]);
  const main = readSection<CorsValues>('cors', CORS_OPTIONS, settings);
  const inherited = {
    allowed_origin: CORS_OPTIONS.allowed_origin,
    allow_credentials: { ...CORS_OPTIONS.allow_credentials, fallback: main.allow_credentials },
    expose_headers: { ...CORS_OPTIONS.expose_headers, fallback: main.expose_headers },
    max_age: { ...CORS_OPTIONS.max_age, fallback: main.max_age },
    allow_methods: { ...CORS_OPTIONS.allow_methods, fallback: main.allow_methods },
    allow_headers: { ...CORS_OPTIONS.allow_headers, fallback: main.allow_headers },
  };
  const sections = new Set(all.map(({ section }) => section).filter((section) => isCorsSection(section)));
  const others = [...sections].map((section) => readSection<CorsValues>(section, inherited, settings));
  for (const problem of settings.problems) if (!problems.includes(problem)) problems.push(problem);
  return [main, ...others];
}

/** Whether a section holds the rules of further origins. */
export function isCorsSection(section: string): boolean {
  return section.toLowerCase().startsWith('cors.');
}
