import { boolean, integer, type Option, optional } from '../option.js';

/** First segments of paths that the server answers itself. */
const TAKEN = /^\/(v\d+|versions|healthcheck|schemas|info)(\/|$)/i;

/** A path below the server's root, `/repository`; an empty value counts as left out. */
const SERVE_PATH: Option<string | null> = {
  ...optional(
    'Path such as /repository under which the API server hands out the folder in target, to everybody; unset: not at all.',
  ),
  type: 'path',
  parse: (texts) => {
    const text = (texts.at(-1) ?? '').trim();
    if (text === '') return null;
    const path = text.replace(/\/+$/, '');
    if (!/^(\/(?!\.)[A-Za-z0-9._~-]+)+$/.test(path)) throw new Error('must be a path such as /repository');
    if (TAKEN.test(path)) throw new Error('must not be a path of the API');
    return path;
  },
};

/** [publish]: what the API server itself does with the repository. */
export const SERVED_REPOSITORY_OPTIONS = {
  serve_path: SERVE_PATH,
  interval: integer(
    'Seconds between one publication by the API server and the next; 0 is never. One that finds nothing changed makes no new generation.',
    0,
    { min: 0, max: 31_536_000 },
  ),
  on_change: boolean('The API server publishes after images were changed through it.', false),
  on_change_delay: integer(
    'Seconds without another change after which it does so; while changes go on, it waits no longer than ten times that.',
    15,
    { min: 0, max: 3600 },
  ),
} as const;
