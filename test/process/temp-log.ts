import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { ExecutionContext } from 'ava';
import { loadConfig } from '../../src/config/load.js';
import { createLog, type Logging } from '../../src/process/log.js';

export interface TempLog {
  readonly folder: string;
  path(name: string): string;
  read(name: string): string;
  /** Resolves when the file's text is this: lines are written a moment after they were logged. */
  until(name: string, text: string): Promise<void>;
  /** A log with these [DEFAULT] options; closed by the test. */
  open(options: Readonly<Record<string, string>>): Logging;
}

/** A folder for log files, removed when the test ends. */
export function tempLog(t: ExecutionContext): TempLog {
  const folder = mkdtempSync(join(tmpdir(), 'glimpse-log-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const path = (name: string) => join(folder, name);
  return {
    folder,
    path,
    read: (name) => readFileSync(path(name), 'utf8'),
    until: async (name, text) => {
      while (!existsSync(path(name)) || readFileSync(path(name), 'utf8') !== text) await setTimeout(2);
    },
    open: (options) => {
      const builtIn = Object.entries(options).map(([name, value]) => ({
        section: 'DEFAULT',
        name,
        value,
        where: name,
      }));
      const config = loadConfig({
        program: 'glance-api',
        builtIn,
        env: {},
        home: undefined,
        cwd: folder,
        root: folder,
      });
      return createLog(config.values.DEFAULT, 'glance-api');
    },
  };
}
