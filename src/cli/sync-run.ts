import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { openDestination } from '../composition/open-destination.js';
import type { Log } from '../domain/ports/log.js';
import { createHasher } from '../hashing/hasher.js';
import { createInspector } from '../inspect/inspector.js';
import { makeFolders } from '../stream/make-folders.js';
import { destinationOptions } from '../sync/pull/cloud/access-options.js';
import { createFetcher } from '../sync/pull/fetcher.js';
import type { Outcome } from '../sync/pull/outcome.js';
import { proxiesOf } from '../sync/pull/proxies.js';
import { takeRunLock } from '../sync/pull/run-lock.js';
import { sync } from '../sync/pull/sync.js';
import { openWorkFolder } from '../sync/pull/work-folder.js';
import { SyncError } from '../sync/sync-error.js';
import type { SyncArguments } from './sync-arguments.js';
import { lineReporter, type Output } from './sync-report.js';
import { foldersOf, rootOf, sourceUrl, trustOf } from './sync-source.js';

/** Opens what a run needs, runs it, and closes everything, however it ends. Throws SyncError, and ConfigError and StartupError for a local registry. */
export async function runSync(args: SyncArguments, output: Output, signal: AbortSignal): Promise<Outcome> {
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
      await makeFolder('--state-dir', dirname(lockFile));
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
    // What a dry run finds there is another run's.
    if (!args.dryRun) closers.unshift(() => work.close());
    // One thread keeps up with more than a network brings; a local registry has its own.
    const hasher = createHasher(1);
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

async function makeFolder(option: string, path: string): Promise<void> {
  try {
    await makeFolders(path, 0o700);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new SyncError('usage', `${option} ${path} cannot be made: ${reason}`, { cause: error });
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
