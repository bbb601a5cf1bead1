import { type ParseArgsConfig, parseArgs } from 'node:util';
import type { Override } from '../config/load.js';
import { LOGGING_OPTIONS } from '../config/options/logging.js';
import { StartupError } from '../process/startup-error.js';

interface Flag {
  readonly option: keyof typeof LOGGING_OPTIONS;
  readonly short?: string;
  /** Further long names that releases of Glance took. */
  readonly aliases?: readonly string[];
}

/** Options of the table that are flags of every program, as in oslo.log; underscores may stand for hyphens. */
export const FLAGS: readonly Flag[] = [
  { option: 'debug', short: 'd' },
  { option: 'verbose', short: 'v' },
  { option: 'log_config_append', aliases: ['log-config'] },
  { option: 'log_format' },
  { option: 'log_date_format' },
  { option: 'log_file', aliases: ['logfile'] },
  { option: 'log_dir', aliases: ['logdir'] },
  { option: 'use_syslog' },
  { option: 'syslog_log_facility' },
  { option: 'use_stderr' },
];

export interface Arguments {
  /** `--config-file`; undefined when not given, which starts the search for files. */
  readonly files: readonly string[] | undefined;
  readonly dirs: readonly string[] | undefined;
  readonly overrides: readonly Override[];
  readonly positionals: readonly string[];
  readonly help: boolean;
  readonly version: boolean;
  /** Values of the program's own options. */
  readonly own: Readonly<Record<string, string>>;
  /** Values of its options that may be repeated. */
  readonly lists: Readonly<Record<string, readonly string[]>>;
  /** Those of its options without a value that were given. */
  readonly switches: ReadonlySet<string>;
}

/** Reads a command line. `own` are further options with a value, `repeated` such that may come more than once, `switches` such without one. Throws StartupError with exit code 2, as argparse exits, for one that is malformed. */
export function parseArguments(
  argv: readonly string[],
  own: readonly string[] = [],
  repeated: readonly string[] = [],
  switches: readonly string[] = [],
): Arguments {
  const options: NonNullable<ParseArgsConfig['options']> = {
    'config-file': { type: 'string', multiple: true },
    'config-dir': { type: 'string', multiple: true },
    help: { type: 'boolean', short: 'h' },
    version: { type: 'boolean' },
  };
  for (const { option, short, aliases = [] } of FLAGS) {
    const type = LOGGING_OPTIONS[option].type === 'boolean' ? 'boolean' : 'string';
    for (const name of [hyphens(option), ...aliases]) options[name] = { type };
    if (short !== undefined) options[hyphens(option)] = { type, short };
    if (type === 'boolean') options[`no${hyphens(option)}`] = { type };
  }
  for (const name of own) options[name] = { type: 'string' };
  for (const name of repeated) options[name] = { type: 'string', multiple: true };
  for (const name of switches) options[name] = { type: 'boolean' };

  const args = argv.map((arg) => arg.replace(/^--[^=]+/, (name) => name.replaceAll('_', '-')));
  const { values, positionals } = parse(args, options);
  const strings = (name: string): readonly string[] | undefined => {
    const value = values[name];
    return Array.isArray(value) ? value.map(String) : undefined;
  };
  const overrides = FLAGS.flatMap(({ option, aliases = [] }): Override[] =>
    [hyphens(option), ...aliases, `no${hyphens(option)}`].flatMap((name) => {
      const value = values[name];
      if (value === undefined) return [];
      const text = typeof value === 'string' ? value : name.startsWith('no') ? 'False' : 'True';
      return [{ section: 'DEFAULT', name: option, value: text, where: `--${name}` }];
    }),
  );
  const mine = own.flatMap((name) => {
    const value = values[name];
    return typeof value === 'string' ? [[name, value] as const] : [];
  });
  return {
    files: strings('config-file'),
    dirs: strings('config-dir'),
    overrides,
    positionals,
    help: values.help === true,
    version: values.version === true,
    own: Object.fromEntries(mine),
    switches: new Set(switches.filter((name) => values[name] === true)),
    lists: Object.fromEntries(repeated.map((name) => [name, strings(name) ?? []])),
  };
}

function parse(args: string[], options: NonNullable<ParseArgsConfig['options']>) {
  try {
    return parseArgs({ args, options, strict: true, allowPositionals: true });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new StartupError(message.replace(/\. To specify a positional[\s\S]*$/, ''), 2);
  }
}

/** The lines of `--help` for the options that every program takes, from the option table. */
export function helpOfFlags(): string {
  const rows: [string, string][] = [
    ['-h, --help', 'Show this help.'],
    ['--version', 'Show the version.'],
    ['--config-file PATH', 'Configuration file; may be repeated, later ones win.'],
    ['--config-dir DIR', 'Folder whose *.conf files are read after those.'],
    ...FLAGS.map(({ option, short, aliases = [] }): [string, string] => {
      const { type, help, written } = LOGGING_OPTIONS[option];
      const names = [...(short ? [`-${short}`] : []), `--${hyphens(option)}`, ...aliases.map((name) => `--${name}`)];
      const value = type === 'boolean' ? '' : ` ${option.replace(/^.*_/, '').toUpperCase()}`;
      return [names.join(', ') + value, written && type !== 'boolean' ? `${help} Default: ${written}` : help];
    }),
  ];
  return rows.map(([flag, help]) => `  ${flag}\n        ${help}`).join('\n');
}

function hyphens(name: string): string {
  return name.replaceAll('_', '-');
}
