import { readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';
import { inside } from '../../../net/json.js';
import { SyncError } from '../../sync-error.js';
import type { CloudFiles } from '../destination.js';

/** A file of clouds that was read, or that there is none. */
export interface CloudFile {
  /** Undefined where none was found. */
  readonly path: string | undefined;
  /** What it holds under `clouds` or `public-clouds`, a cloud by each name. */
  readonly clouds: ReadonlyMap<string, unknown>;
  /** Where it was looked for, in order. */
  readonly looked: readonly string[];
}

/** The three files that openstackclient knows. */
export interface CloudFilesRead {
  readonly clouds: CloudFile;
  readonly secure: CloudFile;
  readonly vendor: CloudFile;
}

/** Bytes; the largest that people have lists hundreds of clouds. */
const MOST_BYTES = 1024 * 1024;
const ENDINGS = ['.yaml', '.yml', '.json'];

/**
 * Reads clouds.yaml, secure.yaml and clouds-public.yaml: of each the first that is there, in the working directory, ~/.config/openstack and
 * /etc/openstack, or the one that OS_CLIENT_*_FILE names. Throws SyncError usage for one that is named and not there, or is no YAML.
 */
export async function readCloudFiles(files: CloudFiles): Promise<CloudFilesRead> {
  const [clouds, secure, vendor] = await Promise.all([
    find(files, 'clouds', files.clouds, 'OS_CLIENT_CONFIG_FILE', 'clouds'),
    find(files, 'secure', files.secure, 'OS_CLIENT_SECURE_FILE', 'clouds'),
    find(files, 'clouds-public', files.vendor, 'OS_CLIENT_VENDOR_FILE', 'public-clouds'),
  ]);
  return { clouds, secure, vendor };
}

async function find(
  { cwd, home, configHome }: CloudFiles,
  name: string,
  named: string | undefined,
  variable: string,
  key: string,
): Promise<CloudFile> {
  if (named !== undefined) {
    const path = resolve(cwd, named);
    const text = await textOf(path);
    if (text === undefined) throw new SyncError('usage', `${variable} names ${path}, which is not there.`);
    return { path, clouds: cloudsIn(text, key, path), looked: [path] };
  }
  const config = configHome ?? (home === undefined ? undefined : join(home, '.config'));
  const folders = [cwd, ...(config === undefined ? [] : [join(config, 'openstack')]), '/etc/openstack'];
  const looked = folders.map((folder) => join(folder, `${name}.yaml`));
  for (const folder of folders) {
    for (const ending of ENDINGS) {
      const path = join(folder, name + ending);
      const text = await textOf(path);
      if (text !== undefined) return { path, clouds: cloudsIn(text, key, path), looked };
    }
  }
  return { path: undefined, clouds: new Map(), looked };
}

async function textOf(path: string): Promise<string | undefined> {
  try {
    const { size } = await stat(path);
    if (size > MOST_BYTES) throw new Error(`it has more than ${MOST_BYTES} bytes`);
    return await readFile(path, 'utf8');
  } catch (error) {
    const code = inside(error, 'code');
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw unreadable(path, error instanceof Error ? error.message : String(error));
  }
}

function cloudsIn(text: string, key: string, path: string): ReadonlyMap<string, unknown> {
  const found = inside(parsedYaml(text, path), key) ?? {};
  if (typeof found !== 'object' || Array.isArray(found)) throw unreadable(path, `its ${key} is no mapping`);
  return new Map<string, unknown>(Object.entries(found));
}

/** Errors of YAML name the place only: the line that they would show may hold a password. */
function parsedYaml(text: string, path: string): unknown {
  try {
    return parse(text, { prettyErrors: true, logLevel: 'error' });
  } catch (error) {
    const place = inside(error, 'linePos');
    const line = inside(Array.isArray(place) ? place[0] : undefined, 'line');
    throw unreadable(path, `it is no YAML${typeof line === 'number' ? `, see line ${line}` : ''}`);
  }
}

function unreadable(path: string, why: string): SyncError {
  return new SyncError('usage', `${path} cannot be read: ${why}.`);
}
