import { loadConfig } from '../config/load.js';
import { SAMPLE_SETTINGS } from '../config/sample.js';
import { StartupError } from '../process/startup-error.js';
import { parseArguments } from './arguments.js';

/** `glimpse config sample | docs | check`: writes to stdout, and resolves with the exit code. Throws ConfigError with the mistakes that `check` finds. */
export async function configCommand(argv: readonly string[]): Promise<number> {
  const [action, ...rest] = argv;
  if (action === 'sample') {
    const { sampleConfig } = await import('../config/sample.js');
    process.stdout.write(sampleConfig());
  } else if (action === 'docs') {
    const { configurationDocs } = await import('../config/docs.js');
    process.stdout.write(configurationDocs());
  } else if (action === 'check') {
    process.stdout.write(check(rest));
  } else {
    throw new StartupError(
      'usage: glimpse config sample | docs | check [CONFIG_FILE] [--config-file PATH] [--config-dir DIR]',
      2,
    );
  }
  return 0;
}

function check(argv: readonly string[]): string {
  const args = parseArguments(argv);
  const files = args.positionals.length > 0 ? [...(args.files ?? []), ...args.positionals] : args.files;
  const config = loadConfig({
    program: 'glance-api',
    ...(files ? { files } : {}),
    ...(args.dirs ? { dirs: args.dirs } : {}),
    builtIn: SAMPLE_SETTINGS,
    overrides: args.overrides,
    env: process.env,
    home: process.env.HOME,
    cwd: process.cwd(),
  });
  const lines = [
    `Read: ${config.files.join(', ') || 'no file; built-in settings hold'}`,
    `Filters: ${config.pipeline.filters.map((filter) => filter.kind).join(' ')}`,
    `APIs: ${config.pipeline.apis.join(' ') || 'none'}`,
    ...config.warnings.map((warning) => `Warning: ${warning}`),
    'No mistakes.',
  ];
  return `${lines.join('\n')}\n`;
}
