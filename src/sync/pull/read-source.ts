import { stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { shownUrl } from '../../net/url-rules.js';
import { shown } from '../formats/shown.js';
import { SyncError } from '../sync-error.js';
import { type DirectoryPlace, readDirectory, readProperties } from './source-directory.js';
import type { ReadSource, SourceReader } from './source-reader.js';
import { readStreams } from './source-streams.js';

/** What a URL names, as far as it can be told from the URL. */
type Named = 'root' | 'directory' | 'properties' | 'streams' | 'unknown';

const DIRECTORY = /(^|[.-])((md5|sha1|sha224|sha256|sha512|b2)sums?|checksums?)(\.txt)?(\.asc)?$/i;
const STREAMS = /\.s?json$/i;
const PROPERTIES = /\.properties$/i;

/**
 * Reads a source: the root of a repository, one of its directory files, one `.properties` file, or an index or products file of simplestreams.
 * Of a root its `SHA256SUMS` is read, else its `md5sum` (with `set` those of the set), else its simplestreams index. Throws SyncError:
 * `unreachable` when there is nothing of it.
 */
export async function readSource(home: URL, set: string | undefined, reader: SourceReader): Promise<ReadSource> {
  const kind = await kindOf(home);
  const found = await (kind === 'unknown' ? readUnknown(home, set, reader) : readAs(kind, home, set, reader));
  if (found !== undefined) return found;
  const what = set === undefined ? 'there is no repository' : `there is no set ${shown(set)}, or no repository at all`;
  throw new SyncError('unreachable', `${shownUrl(home)}: ${what}`);
}

function readAs(
  kind: Exclude<Named, 'unknown'>,
  url: URL,
  set: string | undefined,
  reader: SourceReader,
): Promise<ReadSource | undefined> {
  if (set !== undefined && kind !== 'root') {
    throw new SyncError('usage', '--set goes with the root of a repository');
  }
  switch (kind) {
    case 'root':
      return readRoot(url, set, reader);
    case 'directory':
      return readDirectory(url, placeOf(url), reader);
    case 'properties':
      return readProperties(url, reader);
    case 'streams':
      return readStreams(url, reader);
  }
}

/** A URL whose last segment says nothing: most probably a root without its slash. */
async function readUnknown(url: URL, set: string | undefined, reader: SourceReader): Promise<ReadSource | undefined> {
  const root = new URL(url);
  root.pathname += '/';
  return (
    (await readRoot(root, set, reader)) ?? (set === undefined ? readDirectory(url, placeOf(url), reader) : undefined)
  );
}

async function readRoot(base: URL, set: string | undefined, reader: SourceReader): Promise<ReadSource | undefined> {
  const names = set === undefined ? ['SHA256SUMS', 'md5sum'] : [`sets/${set}.SHA256SUMS`, `sets/${set}.md5sum`];
  // A set has no images but those that its own runs brought: they carry its name.
  const whole = { base, set, partial: false };
  const known = names.filter((name) => reader.known.documents[name] !== undefined);
  // Where only the weaker file was there the last time, and has not changed, there is still no better one.
  const [last] = known;
  if (reader.trust === undefined && last !== undefined && last !== names[0]) {
    const read = await readDirectory(new URL(last, base), whole, reader);
    if (read?.documents[last] === reader.known.documents[last]) return read;
  }
  const signed = reader.trust !== undefined;
  for (const name of signed ? names.slice(0, 1) : names) {
    const read = await readDirectory(new URL(name, base), whole, reader);
    if (read !== undefined) return read;
  }
  const streams = set === undefined ? await readStreams(new URL('streams/v1/index.json', base), reader) : undefined;
  if (streams !== undefined || !signed) return streams;
  // Whoever can withhold a file must not choose the hash by doing so.
  const [best, weak] = names;
  if (best === undefined || weak === undefined || !(await readDirectory(new URL(weak, base), whole, reader)))
    return undefined;
  throw new SyncError('signature', `there is no ${best}, and MD5 is too weak for keys: name ${weak} itself to take it`);
}

async function kindOf(url: URL): Promise<Named> {
  const name = decoded(url.pathname.split('/').at(-1) ?? '');
  if (name === '') return 'root';
  if (url.protocol === 'file:' && (await isFolder(url))) return 'unknown';
  if (PROPERTIES.test(name.replace(/\.asc$/, ''))) return 'properties';
  if (STREAMS.test(name)) return 'streams';
  return DIRECTORY.test(name) ? 'directory' : 'unknown';
}

/** The directories of sets speak of paths below the root, as all others do of those beside them. */
function placeOf(url: URL): DirectoryPlace {
  const folder = new URL('.', url);
  const partial = folder.pathname.endsWith('/sets/');
  const name = decoded(url.pathname.split('/').at(-1) ?? '');
  const set = partial ? name.replace(/\.[^.]+(\.asc)?$/, '') : undefined;
  return { base: partial ? new URL('..', folder) : folder, set, partial };
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch (error) {
    throw new SyncError('usage', 'the URL of the source holds a malformed escape', { cause: error });
  }
}

async function isFolder(url: URL): Promise<boolean> {
  const found = await stat(fileURLToPath(url)).catch(() => undefined);
  return found?.isDirectory() ?? false;
}
