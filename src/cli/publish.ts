import { existsSync } from 'node:fs';
import {
  openPublisher,
  openPublishTarget,
  type Publisher,
  type PublisherChoices,
  publishTargetName,
  readPublishSettings,
} from '../composition/open-publisher.js';
import { openSigning } from '../composition/open-signing.js';
import { closeParts, openParts } from '../composition/parts.js';
import { type Config, loadConfig } from '../config/load.js';
import { SAMPLE_SETTINGS } from '../config/sample.js';
import { nearest } from '../domain/nearest.js';
import type { Log } from '../domain/ports/log.js';
import { createHasher } from '../hashing/hasher.js';
import { createLog } from '../process/log.js';
import { StartupError } from '../process/startup-error.js';
import { planOnce } from '../sync/publish/plan.js';
import { publishOnce } from '../sync/publish/publisher.js';
import type { Retention } from '../sync/publish/sets.js';
import { verifyRepository } from '../sync/publish/verify.js';
import { isSyncError } from '../sync/sync-error.js';
import { type Arguments, parseArguments } from './arguments.js';
import { progressBar } from './progress-bar.js';
import { PUBLISH_HELP } from './publish-help.js';
import { planText, resultJson, resultText, verifyText } from './publish-text.js';
import { version } from './version.js';

const VALUES = ['base-url', 'keep', 'older-than'];
/** Words that may stand where a folder does, and one that people try. */
const ACTIONS = ['prune', 'keys', 'verify'];
const SWITCHES = ['dry-run', 'verify', 'json', 'no-progress', 'restore', 'allow-empty'];

/**
 * `glimpse publish [prune | keys ...] [DIR | s3://bucket/prefix]`. Writes to stdout, progress and complaints to stderr, and resolves with the exit code:
 * 1 when an image is missing or something is wrong, 2 for a usage mistake. Throws ConfigError, StartupError, RegistryError, SyncError.
 */
export async function publishCommand(argv: readonly string[]): Promise<number> {
  const [first, ...rest] = argv;
  if (first === 'keys') {
    const { publishKeys } = await import('./publish-keys.js');
    return publishKeys(rest);
  }
  const prunes = first === 'prune';
  const args = parseArguments(prunes ? rest : argv, VALUES, ['set'], SWITCHES);
  if (args.help || args.version) {
    process.stdout.write(args.help ? PUBLISH_HELP : `${version()}\n`);
    return 0;
  }
  const retention = prunes ? readRetention(args) : undefined;
  if (!prunes && (args.own.keep ?? args.own['older-than']) !== undefined) {
    throw new StartupError('--keep and --older-than belong to "glimpse publish prune"', 2);
  }
  const [target, ...others] = args.positionals;
  if (others.length > 0) throw new StartupError(`one repository at a time: what is ${JSON.stringify(others[0])}?`, 2);
  const meant = target === undefined || existsSync(target) ? undefined : nearest(target, ACTIONS);
  if (meant !== undefined) {
    const action = meant === 'verify' ? '--verify' : meant;
    throw new StartupError(
      `there is no folder ${JSON.stringify(target)}; did you mean ${action}? A new folder of that name is ./${target}`,
      2,
    );
  }
  if (target === '') throw new StartupError('the name of the repository is empty', 2);
  const config = readConfig(args);
  // Answers go to stdout, so log lines must not.
  const toStderr = { log_config_append: null, log_file: null, log_dir: null, use_syslog: false };
  const logging = createLog({ ...config.values.DEFAULT, ...toStderr }, 'glimpse', 2);
  const abort = new AbortController();
  const onSignal = (): void => abort.abort(new StartupError('interrupted', 1));
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
  try {
    const log = logging.log.child('publish');
    // A misspelt name of a set or a condition publishes what was not meant.
    for (const warning of config.warnings.filter((text) => /\[publish\b/.test(text))) log.warning(warning);
    if (args.switches.has('verify')) return await verify(config, args, target, abort.signal);
    return await publish({ config, args, target, retention, log, signal: abort.signal });
  } catch (error) {
    if (isSyncError(error, 'usage')) throw new StartupError(error.message, 2, { cause: error });
    throw error;
  } finally {
    process.removeListener('SIGINT', onSignal).removeListener('SIGTERM', onSignal);
    await logging.close();
  }
}

function readConfig(args: Arguments): Config {
  return loadConfig({
    program: 'glance-api',
    ...(args.files ? { files: args.files } : {}),
    ...(args.dirs ? { dirs: args.dirs } : {}),
    builtIn: SAMPLE_SETTINGS,
    overrides: args.overrides,
    env: process.env,
    home: process.env.HOME,
    cwd: process.cwd(),
  });
}

interface Run {
  readonly config: Config;
  readonly args: Arguments;
  readonly target: string | undefined;
  readonly retention: Retention | undefined;
  readonly log: Log;
  readonly signal: AbortSignal;
}

async function publish({ config, args, target, retention, log, signal }: Run): Promise<number> {
  const choices: PublisherChoices = {
    ...(target === undefined ? {} : { target }),
    ...(args.own['base-url'] === undefined ? {} : { baseUrl: args.own['base-url'] }),
    sets: args.lists.set ?? [],
  };
  // Before a database is opened, and perhaps made.
  publishTargetName(config, choices);
  readPublishSettings(config, choices);
  const parts = await openParts(config, log);
  let publisher: Publisher | undefined;
  const bar = progressBar(args.switches.has('no-progress'));
  try {
    publisher = await openPublisher(config, parts, log, choices);
    const { close: _, ...opened } = publisher;
    const wanted = {
      ...opened,
      signal,
      ...(retention === undefined ? {} : { prune: retention }),
      restore: args.switches.has('restore'),
      keepsSome: !args.switches.has('allow-empty'),
    };
    const json = args.switches.has('json');
    if (args.switches.has('dry-run')) {
      const plan = await planOnce(wanted);
      process.stdout.write(json ? `${JSON.stringify(plan)}\n` : planText(plan));
      return plan.failed.length > 0 ? 1 : 0;
    }
    const result = await publishOnce({
      ...wanted,
      onProgress: ({ done, total, images, of, name }) => bar.show(done, total, `${images}/${of} ${name}`),
    });
    bar.clear();
    process.stdout.write(json ? resultJson(result) : resultText(result, publisher.target.name));
    return result.failed.length > 0 ? 1 : 0;
  } finally {
    bar.clear();
    await publisher?.close();
    await closeParts(parts);
  }
}

async function verify(
  config: Config,
  args: Arguments,
  target: string | undefined,
  signal: AbortSignal,
): Promise<number> {
  const name = target ?? config.values.publish.target;
  if (name === null) throw new StartupError('which repository to verify is not said', 2);
  const signing = await openSigning(config);
  const opened = await openPublishTarget(name, config);
  const hasher = createHasher();
  const bar = progressBar(args.switches.has('no-progress'));
  try {
    const report = await verifyRepository({
      target: opened,
      hasher,
      trust: signing?.trust,
      signal,
      onProgress: ({ bytes, path }) => bar.show(bytes, undefined, path),
    });
    bar.clear();
    process.stdout.write(args.switches.has('json') ? `${JSON.stringify(report)}\n` : verifyText(report, name));
    return report.problems.length > 0 ? 1 : 0;
  } finally {
    bar.clear();
    await hasher.close();
    await opened.close();
  }
}

function readRetention({ own, switches }: Arguments): Retention | undefined {
  const whole = (name: 'keep' | 'older-than', least: number): number | undefined => {
    const text = own[name];
    if (text === undefined) return undefined;
    if (!/^\d{1,6}$/.test(text) || Number(text) < least) {
      throw new StartupError(`--${name} must be a whole number of at least ${least}`, 2);
    }
    return Number(text);
  };
  const keep = whole('keep', 1);
  const days = whole('older-than', 0);
  if (keep === undefined && days === undefined) {
    if (switches.has('restore')) return undefined;
    throw new StartupError('prune needs --keep N, --older-than DAYS or --restore', 2);
  }
  return { ...(keep === undefined ? {} : { keep }), ...(days === undefined ? {} : { days }) };
}
