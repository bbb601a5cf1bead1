import { SyncError } from '../sync-error.js';
import { jsonReader, writeJson } from './json-document.js';
import { shown } from './shown.js';

/** What `repo.json` says of one generation of a repository (sync-and-manager section 2.3). */
export interface RepositoryInfo {
  /** Grows by one or more with every change. */
  readonly generation: number;
  /** Never earlier than that of an older generation. */
  readonly updated: Date;
  /** When readers should take the repository for abandoned, or held back from them. */
  readonly expires: Date;
  /** Who publishes, in people's words. */
  readonly publisher: string;
  /** Fingerprints of the keys that sign, in hex. */
  readonly keys: readonly string[];
  /** Names of the sets. */
  readonly sets: readonly string[];
}

const FORMAT = 'image-repo:1';

interface InfoDocument {
  readonly generation: number;
  readonly updated: string;
  readonly expires: string;
  readonly publisher: string;
  readonly keys: readonly string[];
  readonly sets: readonly string[];
}

const texts = { type: 'array', items: { type: 'string' } };

const readDocument = jsonReader<InfoDocument>({
  type: 'object',
  required: ['format', 'generation', 'updated', 'expires', 'publisher', 'keys', 'sets'],
  properties: {
    format: { const: FORMAT },
    generation: { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER },
    updated: { type: 'string' },
    expires: { type: 'string' },
    publisher: { type: 'string' },
    keys: texts,
    sets: texts,
  },
});

/** Reads a `repo.json`; keys that are unknown are for later versions of the format. Throws SyncError invalid for what the format does not allow. */
export function parseRepositoryInfo(json: string): RepositoryInfo {
  const { generation, updated, expires, publisher, keys, sets } = readDocument(json);
  return {
    generation,
    updated: readTime('updated', updated),
    expires: readTime('expires', expires),
    publisher,
    keys,
    sets,
  };
}

/** Writes a `repo.json` that parseRepositoryInfo reads as the same; the same is the same text. */
export function writeRepositoryInfo({ generation, updated, expires, publisher, keys, sets }: RepositoryInfo): string {
  return writeJson({
    format: FORMAT,
    generation,
    updated: updated.toISOString(),
    expires: expires.toISOString(),
    publisher,
    keys,
    sets,
  });
}

/** ISO 8601 in UTC alone: everybody must read the same time. */
function readTime(key: string, text: string): Date {
  const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z$/.test(text) ? new Date(text) : new Date(Number.NaN);
  if (!Number.isNaN(time.getTime())) return time;
  throw new SyncError('invalid', `${key}: ${shown(text)} is no time in UTC`);
}
