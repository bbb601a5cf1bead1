import type { Config, PublishSetSection } from '../config/load.js';
import { readFilters } from '../http/v2/list-filters.js';
import { StartupError } from '../process/startup-error.js';
import { meets } from '../registry/memory/matches.js';
import { type PublishSet, selector } from '../sync/publish/sets.js';

const NAME = /^[a-z0-9](?:[a-z0-9._-]{0,61}[a-z0-9])?$/;

/** The sets that `[publish] sets` names, or `only` of them, each as its section has it. Throws StartupError naming the section. */
export function readPublishSets(config: Config, only: readonly string[] = []): readonly PublishSet[] {
  const { publishSets } = config;
  if (publishSets.length === 0) throw new StartupError('[publish] sets: names no set', 4);
  const sets = publishSets.map(readSet);
  const unknown = only.find((name) => !sets.some((set) => set.name === name));
  if (unknown !== undefined) {
    throw new StartupError(`there is no set ${JSON.stringify(unknown)}: [publish] sets names ${names(sets)}`, 2);
  }
  for (const [index, { name, channel }] of sets.entries()) {
    const other = sets.findIndex((set) => set.name === name || set.channel === channel);
    if (other < index) {
      throw new StartupError(`[publish:${name}]: another set has the same name or channel`, 4);
    }
  }
  return only.length === 0 ? sets : sets.filter(({ name }) => only.includes(name));
}

function readSet({ name, options }: PublishSetSection): PublishSet {
  const { names: globs, tags, properties, query, compression, hidden, tagged, keep, max_age_days: days } = options;
  const channel = options.channel ?? name;
  for (const text of [name, channel]) {
    if (!NAME.test(text)) {
      throw new StartupError(
        `[publish] sets: ${JSON.stringify(text)} is no name of a set or a channel: lower-case letters, digits, dots and hyphens`,
        4,
      );
    }
  }
  try {
    const parameters = [...new URLSearchParams(query ?? '')];
    const asksForHidden = parameters.some(([parameter]) => parameter === 'os_hidden');
    // What the list hides by itself is this set's own choice.
    const filters = readFilters(parameters).filter(
      (filter) => asksForHidden || !(filter.by === 'flag' && filter.field === 'hidden'),
    );
    const fits = selector({ names: globs, tags, properties });
    return {
      name,
      channel,
      encodings: compression,
      tagged,
      hidden: hidden || asksForHidden,
      retention: { ...(keep > 0 ? { keep } : {}), ...(days > 0 ? { days } : {}) },
      selects: (image) => fits(image) && filters.every((filter) => meets(image, filter)),
    };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new StartupError(`[publish:${name}]: ${reason}`, 4, { cause: error });
  }
}

function names(sets: readonly PublishSet[]): string {
  return sets.map(({ name }) => name).join(', ');
}
