import { mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { openDestination } from '../composition/open-destination.js';
import { ConfigError } from '../config/config-error.js';
import type { Log } from '../domain/ports/log.js';
import { createHasher } from '../hashing/hasher.js';
import { createInspector } from '../inspect/inspector.js';
import { redact } from '../process/log/redact.js';
import { StartupError } from '../process/startup-error.js';
import { destinationOptions } from '../sync/pull/cloud/access-options.js';
import { createFetcher } from '../sync/pull/fetcher.js';
import { countOf, type Outcome } from '../sync/pull/outcome.js';
import { takeRunLock } from '../sync/pull/run-lock.js';
import { sync } from '../sync/pull/sync.js';
import { openWorkFolder } from '../sync/pull/work-folder.js';
import { isSyncError, SyncError, type SyncErrorKind } from '../sync/sync-error.js';
import { parseSyncArguments, type SyncArguments } from './sync-arguments.js';
import { syncHelp } from './sync-help.js';
import { lineReporter, type Output, summary } from './sync-report.js';
import { foldersOf, proxiesOf, rootOf, sourceUrl, trustOf } from './sync-source.js';
import { version } from './version.js';

/** Exit codes of sync-and-manager section 1.8, step 8. */
const EXIT_CODES: Readonly<Record<SyncErrorKind, number>> = {
  usage: 2,
  signature: 3,
  unreachable: 4,
  invalid: 1,
  mismatch: 1,
  refused: 1,
  destination: 1,
};

const STOPPED = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/** A signal that asked the run to end. */
class Stopped extends Error {
  constructor(readonly signal: keyof typeof STOPPED) {
    super(`stopped by ${signal}`);
  }
}

/**
 * `image-sync`, also `glimpse sync`: mirrors a repository once. Writes to stdout and stderr, and resolves with the exit code: 0 all is well, 1 an image failed,
 * 2 usage or configuration, 3 the source is not to be trusted, 4 nothing could be reached; 128 and its number after a signal.
 */
export async function syncCommand(argv: readonly string[], command: string): Promise<number> {
  const output: Output = {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(redact(text)),
  };
  const controller = new AbortController();
  // The second one of a kind ends the process at once.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => controller.abort(new Stopped(signal)));
  }
  try {
    const args = parseSyncArguments(argv);
    if (args === 'help' || args === 'version') {
      output.out(args === 'help' ? syncHelp(command) : `${version()}\n`);
      return 0;
    }
    const outcome = await run(args, output, controller.signal);
    output.out(summary(outcome, args));
    return countOf(outcome, 'failed') > 0 ? 1 : 0;
  } catch (error) {
    const { reason } = controller.signal;
    if (reason instanceof Stopped) {
      output.err(`ERROR: ${reason.message}; what was under way is undone\n`);
      return STOPPED[reason.signal];
    }
    if (!isSyncError(error) && !(error instanceof ConfigError) && !(error instanceof StartupError)) throw error;
    output.err(`ERROR: ${error.message}\n`);
    if (argv.includes('--json')) {
      const kind = isSyncError(error) ? error.kind : 'usage';
      output.out(`${JSON.stringify({ error: { kind, message: redact(error.message) } })}\n`);
    }
    return isSyncError(error) ? EXIT_CODES[error.kind] : EXIT_CODES.usage;
  }
}

async function run(args: SyncArguments, output: Output, signal: AbortSignal): Promise<Outcome> {
  const source = await sourceUrl(args.source, process.cwd());
  const options = destinationOptions(args.destination, process.env, process.cwd());
  const { stateFile, lockFile, work: workPath } = foldersOf(source, args, options, process.env);
  const { trust, trustName } = await trustOf(args);
  const report = lineReporter(args, output);
  if (trust === undefined && !args.unsigned && /^(http|ftp):$/.test(source.protocol)) {
    report.warning(
      'no key is given (--keyring, --minisign-key): anybody on the way may change what is mirrored; --unsigned says that this is meant',
    );
  }
  const ca = args.cacert === undefined ? undefined : await readCertificates(args.cacert);
  const closers: (() => unknown)[] = [];
  try {
    if (!args.dryRun) {
      await mkdir(dirname(lockFile), { recursive: true, mode: 0o700 });
      closers.unshift(takeRunLock(lockFile, stateFile));
    }
    const origins = { home: source, allowForeign: args.allowForeign };
    const { bytesPerSecond, sourceInsecure: insecure } = args;
    const proxies = proxiesOf(source, process.env);
    const fetcher = createFetcher({ origins, root: rootOf(source), bytesPerSecond, ca, insecure, proxies });
    closers.unshift(() => fetcher.close());
    const destination = await openDestination(options, logTo(output));
    closers.unshift(() => destination.close());
    const work = openWorkFolder(workPath);
    closers.unshift(() => work.close());
    const hasher = createHasher();
    closers.unshift(() => hasher.close());
    const inspector = createInspector({
      requireImageFormatMatch: true,
      gptSafetyChecksNonfatal: [],
      vmdkAllowedTypes: ['streamOptimized', 'monolithicSparse'],
    });
    const now = () => new Date();
    return await sync(
      { ...args, stateFile, trustName },
      { origins, fetcher, destination, work, hasher, inspector, trust, signal, report, now },
    );
  } finally {
    for (const close of closers) await close();
  }
}

async function readCertificates(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new SyncError('usage', `--source-cacert ${file} cannot be read`, { cause: error });
  }
}

/** What the services of a local registry say of trouble. */
function logTo({ err }: Output): Log {
  const quiet = (): void => {};
  const say = (message: string): void => err(`WARNING: ${message}\n`);
  const log: Log = { debug: quiet, info: quiet, warning: say, error: say, critical: say, child: () => log };
  return log;
}
