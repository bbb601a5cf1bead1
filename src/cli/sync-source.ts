import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { DestinationOptions } from '../sync/pull/destination.js';
import { openTrust, type Trust } from '../sync/signatures/trust.js';
import { SyncError } from '../sync/sync-error.js';
import type { SyncArguments } from './sync-arguments.js';

const SCHEMES = ['http:', 'https:', 'ftp:', 'ftps:', 'file:'];

/** The URL of a source; a path without a scheme is one on this host. Throws SyncError usage, which does not repeat credentials. */
export async function sourceUrl(text: string, cwd: string): Promise<URL> {
  const scheme = /^([a-z][a-z0-9+.-]*:)\/\//i.exec(text)?.[1]?.toLowerCase();
  if (scheme === undefined) {
    const path = resolve(cwd, text);
    const found = await stat(path).catch(() => undefined);
    if (found === undefined)
      throw new SyncError('usage', `${JSON.stringify(text)} is neither a URL nor a path that is there`);
    return pathToFileURL(found.isDirectory() ? `${path}/` : path);
  }
  if (!SCHEMES.includes(scheme)) {
    throw new SyncError(
      'usage',
      `the source must be a URL of ${SCHEMES.map((one) => one.slice(0, -1)).join(', ')}, or a path`,
    );
  }
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || (scheme !== 'file:' && url.hostname === '')) {
    throw new SyncError('usage', 'the URL of the source is malformed');
  }
  url.hash = '';
  const folder = scheme === 'file:' && (await stat(fileURLToPath(url)).catch(() => undefined))?.isDirectory();
  if (folder && !url.pathname.endsWith('/')) url.pathname += '/';
  return url;
}

/** The folder that everything of a source on this host must be in. */
export function rootOf(url: URL): string | undefined {
  return url.protocol === 'file:' ? fileURLToPath(new URL(isInSets(url) ? '..' : '.', url)) : undefined;
}

function isInSets(url: URL): boolean {
  return /\/(sets|streams\/v1)\/[^/]+$/.test(url.pathname);
}

export interface SourceFolders {
  readonly stateFile: string;
  readonly lockFile: string;
  readonly work: string;
}

/**
 * Where a job keeps its state, its lock and its downloads: a job is a source, a set and a prefix, to one destination. systemd's own folders go before
 * those of the user.
 */
export function foldersOf(
  source: URL,
  { set, prefix, stateDir, workDir }: SyncArguments,
  destination: DestinationOptions,
  env: NodeJS.ProcessEnv,
): SourceFolders {
  const bare = new URL(source);
  bare.username = '';
  bare.password = '';
  const place = destination.kind === 'registry' ? destination : placeOf(destination);
  const job = JSON.stringify([bare.href, set ?? null, prefix, place]);
  const key = createHash('sha256').update(job).digest('hex').slice(0, 24);
  const home = env.HOME || homedir();
  const states =
    stateDir ?? firstOf(env.STATE_DIRECTORY) ?? join(env.XDG_STATE_HOME || join(home, '.local', 'state'), 'image-sync');
  const works =
    workDir ?? firstOf(env.CACHE_DIRECTORY) ?? join(env.XDG_CACHE_HOME || join(home, '.cache'), 'image-sync');
  return { stateFile: join(states, `${key}.json`), lockFile: join(states, `${key}.lock`), work: join(works, key) };
}

/** systemd gives several folders with colons between them. */
function firstOf(folders: string | undefined): string | undefined {
  return folders?.split(':')[0] || undefined;
}

const PLACE = ['auth_url', 'endpoint', 'endpoint_override', 'image_endpoint_override', 'region_name', 'interface'];
const WHOSE = ['project_name', 'project_id', 'project_domain_name', 'project_domain_id', 'username', 'user_id'];

function placeOf({ cloud, settings }: Extract<DestinationOptions, { kind: 'cloud' }>): readonly unknown[] {
  return [cloud ?? null, ...[...PLACE, ...WHOSE].map((name) => settings.get(name)?.value ?? null)];
}

/** The keys that a source is verified with, and a name for them that changes when they do. Throws SyncError usage. */
export async function trustOf({
  keyrings,
  minisignKeys,
  unsigned,
}: SyncArguments): Promise<{ trust: Trust | undefined; trustName: string }> {
  if (unsigned || keyrings.length + minisignKeys.length === 0) return { trust: undefined, trustName: 'unsigned' };
  const trust = await openTrust({ keyringFiles: keyrings, minisignKeys });
  const hash = createHash('sha256');
  for (const file of keyrings) hash.update(await readFile(file));
  for (const key of minisignKeys) hash.update(`\n${await readFile(key, 'utf8').catch(() => key)}`);
  return { trust, trustName: hash.digest('hex') };
}
