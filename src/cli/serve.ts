import { loadConfig, type Override } from '../config/load.js';
import { createLog } from '../process/log.js';
import { StartupError } from '../process/startup-error.js';
import { isWorker, runWorker } from '../process/workers/worker.js';
import { type Arguments, helpOfFlags, parseArguments } from './arguments.js';
import { serveApp } from './serve-app.js';
import { version } from './version.js';

export interface ServeProgram {
  /** How the operator called it, for the help. */
  readonly command: string;
  /** What holds where no configuration file is found; without it that is an error. */
  readonly builtIn?: readonly Override[];
  /** Whether to say on stdout where the server is even when log lines go there too. */
  readonly announce: boolean;
}

/** Serves the image API until a signal, and resolves with the exit code. Throws ConfigError or StartupError when it cannot start. */
export async function serve(argv: readonly string[], program: ServeProgram): Promise<number> {
  const args = parseArguments(argv);
  if (args.help || args.version) {
    process.stdout.write(args.version ? `${version()}\n` : help(program.command));
    return 0;
  }
  const start = () => serveConfigured(args, program);
  return isWorker() ? runWorker(start) : start();
}

async function serveConfigured(args: Arguments, { builtIn, announce }: ServeProgram): Promise<number> {
  const [first, ...rest] = args.positionals;
  if (rest.length > 0) throw new StartupError(`unrecognized arguments: ${rest.join(' ')}`, 2);
  // Glance's first releases took the file as an argument of its own; it counts as one more --config-file.
  const files = first === undefined ? args.files : [...(args.files ?? []), first];
  const config = loadConfig({
    program: 'glance-api',
    ...(files ? { files } : {}),
    ...(args.dirs ? { dirs: args.dirs } : {}),
    ...(builtIn ? { builtIn } : {}),
    overrides: args.overrides,
    env: process.env,
    home: process.env.HOME,
    cwd: process.cwd(),
  });
  const logging = createLog(config.values.DEFAULT, 'glance-api');
  const { log } = logging;
  try {
    // Whoever started the server may have stopped listening to it.
    process.stdout.on('error', () => undefined);
    if (isWorker()) return await serveApp(config, logging, () => undefined);
    log.debug('Configuration read', { files: config.files, filters: config.pipeline.filters.map(({ kind }) => kind) });
    for (const warning of config.warnings) log.warning(warning);
    const run = config.values.DEFAULT.workers === 0 ? serveApp : (await import('./serve-workers.js')).serveWorkers;
    return await run(config, logging, (url) => {
      if (announce || !logging.onStdout || process.stdout.isTTY) process.stdout.write(announcement(url));
    });
  } finally {
    await logging.close();
  }
}

function announcement(url: string): string {
  const local = url.replace(/\/\/(0\.0\.0\.0|\[::\])/, '//127.0.0.1').replace(/\/$/, '');
  return `Glimpse serves images at ${url.replace(/\/$/, '')} - try: curl ${local}/v1/images\n`;
}

function help(command: string): string {
  return `Usage: ${command} [CONFIG_FILE] [options]

Serves the OpenStack Image API.

Options:
${helpOfFlags()}

Every other option is set in the configuration file, or as OS_<SECTION>__<OPTION> in the environment;
"glimpse config sample" and "glimpse config docs" show them all.
`;
}
