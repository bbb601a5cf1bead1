import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { type Config, type ConfigSources, loadConfig } from '../../src/config/load.js';

/** A folder that stands for the whole machine: working directory `/`, home `/home`, `/etc` below it. Removed when the test ends. */
export interface Machine {
  readonly root: string;
  /** Writes a file and returns its path. */
  write(name: string, text: string): string;
  /** Loads as `glance-api --config-file` with these files (relative to the root), nothing from the real machine. */
  load(sources?: Partial<ConfigSources>): Config;
}

export function machine(t: ExecutionContext): Machine {
  const root = mkdtempSync(join(tmpdir(), 'glimpse-config-'));
  t.teardown(() => rmSync(root, { recursive: true }));
  return {
    root,
    write: (name, text) => {
      const path = join(root, name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
      return path;
    },
    load: (sources = {}) =>
      loadConfig({ program: 'glance-api', env: {}, home: join(root, 'home'), cwd: root, root, ...sources }),
  };
}

/** The values of one file with this text. */
export function valuesOf(t: ExecutionContext, text: string): Config['values'] {
  const here = machine(t);
  return here.load({ files: [here.write('a.conf', text)] }).values;
}

/** The problems of one file with this text, its folder cut off. */
export function problemsOf(t: ExecutionContext, text: string): readonly string[] {
  const here = machine(t);
  const file = here.write('a.conf', text);
  const error = t.throws(() => here.load({ files: [file] }), { name: 'ConfigError' });
  const problems: unknown = error && 'problems' in error ? error.problems : undefined;
  return Array.isArray(problems) ? problems.map((problem) => String(problem).replaceAll(`${here.root}/`, '')) : [];
}
