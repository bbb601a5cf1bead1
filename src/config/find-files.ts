import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { ConfigError } from './config-error.js';

/** The folders that Glance's programs search, in order: `~/.glance`, `~`, `/etc/glance`, `/etc` (below `root`, which is `/`). */
export function searchPath(home: string | undefined, root = '/'): readonly string[] {
  return [...(home ? [join(home, '.glance'), home] : []), join(root, 'etc/glance'), join(root, 'etc')];
}

/** For each of the names the first file that a folder of the path has. */
export function findDefaultFiles(names: readonly string[], path: readonly string[]): string[] {
  return names.flatMap((name) => path.map((folder) => join(folder, name)).find((file) => existsSync(file)) ?? []);
}

/** The `*.conf` files of a folder, sorted by name. Throws ConfigError when it cannot be read. */
export function filesOfDirectory(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith('.conf') && !name.startsWith('.'))
      .sort()
      .map((name) => join(folder, name));
  } catch (error) {
    throw new ConfigError([`Failed to read config file directory: ${folder} (${reason(error)})`]);
  }
}

/** The text of a configuration file. Throws ConfigError naming it. */
export function readConfigFile(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new ConfigError([`Failed to read config file: ${file} (${reason(error)})`]);
  }
}

/**
 * A file that an option names: from the folder of a configuration file (the last one first), else from a folder of the path, else from the working directory.
 * Undefined where none has it.
 */
export function findBeside(
  name: string,
  files: readonly string[],
  path: readonly string[],
  cwd: string,
): string | undefined {
  const beside = files.map((file) => dirname(resolve(cwd, file))).reverse();
  return [...beside, ...path, cwd].map((folder) => resolve(folder, name)).find((file) => existsSync(file));
}

function reason(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}
