import { loadConfig } from '../config/load.js';
import { SAMPLE_SETTINGS } from '../config/sample.js';
import { createLog } from '../process/log.js';
import { StartupError } from '../process/startup-error.js';
import { helpOfFlags, parseArguments } from './arguments.js';
import { databaseAction, isDatabaseAction } from './database-actions.js';
import { version } from './version.js';

export interface ManageProgram {
  /** How the operator called it: in usage texts. */
  readonly command: string;
  /** Whether built-in settings hold where no configuration file is found. */
  readonly builtIn: boolean;
}

const DAY_MS = 86_400_000;

/**
 * `glance-manage db sync | version | check | purge | upgrade`, also as `db_sync` and so on (image-api-v1 section 7.5). Writes to stdout and resolves with the exit code:
 * 2 for a usage mistake, 3 from `check` when the schema is old. Throws ConfigError and StartupError.
 */
export async function manage(argv: readonly string[], { command, builtIn }: ManageProgram): Promise<number> {
  const versioned = argv.some((arg) => /^(db_)?(upgrade|sync)$/.test(arg));
  const args = parseArguments(argv, ['age-in-days', 'max-rows', ...(versioned ? ['version'] : [])]);
  if (args.version || args.help) {
    process.stdout.write(args.version ? `${version()}\n` : help(command));
    return 0;
  }
  const [category = '', ...rest] = args.positionals;
  const [action = '', ...words] = category.startsWith('db_')
    ? [category.slice(3), ...rest]
    : category === 'db'
      ? rest
      : [];
  if (category === '') {
    process.stdout.write(`${command} category action [<args>]\nAvailable categories:\n\tdb\n`);
    return 2;
  }
  if (!isDatabaseAction(action)) {
    process.stderr.write(`${command} db action [<args>]\nAvailable actions: sync, version, check, upgrade, purge\n`);
    return 2;
  }
  const [firstWord, secondWord] = words;
  const purge =
    action === 'purge'
      ? purgeLimits(args.own['age-in-days'] ?? firstWord, args.own['max-rows'] ?? secondWord)
      : undefined;
  const target = args.own.version ?? (action === 'upgrade' || action === 'sync' ? firstWord : undefined);

  const config = loadConfig({
    program: 'glance-api',
    ...(args.files ? { files: args.files } : {}),
    ...(args.dirs ? { dirs: args.dirs } : {}),
    ...(builtIn ? { builtIn: SAMPLE_SETTINGS } : {}),
    overrides: args.overrides,
    env: process.env,
    home: process.env.HOME,
    cwd: process.cwd(),
  });
  // Answers go to stdout, so log lines must not.
  const toStderr = { log_config_append: null, log_file: null, log_dir: null, use_syslog: false };
  const logging = createLog({ ...config.values.DEFAULT, ...toStderr }, 'glance-manage', 2);
  try {
    return await databaseAction(action, { config, log: logging.log, target, purge });
  } finally {
    await logging.close();
  }
}

/** Throws StartupError in Glance's words. */
function purgeLimits(age = '30', rows = '100'): { ageInDays: number; maxRows: number } {
  const whole = (text: string, name: string) => {
    if (!/^-?\d{1,9}$/.test(text)) throw new StartupError(`Invalid int value for ${name}: ${text}`);
    return Number(text);
  };
  const ageInDays = whole(age, 'age_in_days');
  const maxRows = whole(rows, 'max_rows');
  if (ageInDays < 0) throw new StartupError('Must supply a non-negative value for age.');
  if (ageInDays >= Date.now() / DAY_MS) throw new StartupError('Maximal age is count of days since epoch.');
  if (maxRows < 1) throw new StartupError('Minimal rows limit is 1.');
  return { ageInDays, maxRows };
}

function help(command: string): string {
  return `Usage: ${command} [options] db ACTION [arguments]

Actions:
  sync                 Create the database, or bring its schema up to date (also: upgrade, expand).
  version              Show the version of its schema.
  check                Exit with 0 when the schema is up to date, else 3.
  purge [--age_in_days DAYS] [--max_rows ROWS]
                       Remove the records of images deleted longer ago than DAYS (30), at most ROWS (100) of them.

Options:
${helpOfFlags()}
`;
}
