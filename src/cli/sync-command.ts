import { ConfigError } from '../config/config-error.js';
import { redact } from '../process/log/redact.js';
import { StartupError } from '../process/startup-error.js';
import { countOf } from '../sync/pull/outcome.js';
import { isSyncError, type SyncErrorKind } from '../sync/sync-error.js';
import { parseSyncArguments } from './sync-arguments.js';
import { syncHelp } from './sync-help.js';
import { type Output, summary } from './sync-report.js';
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
    const { runSync } = await import('./sync-run.js');
    const outcome = await runSync(args, output, controller.signal);
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
