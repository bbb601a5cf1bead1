import { loadConfig, type Override } from '../config/load.js';
import { createLog } from '../process/log.js';
import { serveUntilSignal } from '../process/signals.js';
import { StartupError } from '../process/startup-error.js';
import { helpOfFlags, parseArguments } from './arguments.js';
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
export async function serve(argv: readonly string[], { command, builtIn, announce }: ServeProgram): Promise<number> {
  const args = parseArguments(argv);
  if (args.help || args.version) {
    process.stdout.write(args.version ? `${version()}\n` : help(command));
    return 0;
  }
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
    log.debug('Configuration read', { files: config.files, filters: config.pipeline.filters.map(({ kind }) => kind) });
    for (const warning of config.warnings) log.warning(warning);
    // The server's modules are the slowest part of a start: a mistake in the configuration should not wait for them.
    const { createApp } = await import('../app.js');
    const app = await createApp(config, log);
    // Before the address answers, so that a signal that follows the first answer is never missed.
    const ended = serveUntilSignal({ log, close: () => app.close(), reopen: () => logging.reopen() });
    const { url } = await app.listen();
    // Whoever started the server may have stopped listening to it.
    process.stdout.on('error', () => undefined);
    if (announce || !logging.onStdout || process.stdout.isTTY) process.stdout.write(announcement(url));
    return await ended;
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
