import { ConfigError } from '../config/config-error.js';
import { describeError, redact } from '../process/log/redact.js';
import { StartupError } from '../process/startup-error.js';

/**
 * Runs a program to its end and exits with the code that it resolves with. What it throws becomes one `ERROR:` line on stderr, without a stack
 * (GLIMPSE_TRACEBACK=1 shows it) and without secrets, and the exit code that the error names, else 1.
 */
export async function run(program: () => Promise<number>): Promise<void> {
  try {
    process.exit(await program());
  } catch (error) {
    const message = process.env.GLIMPSE_TRACEBACK
      ? describeError(error)
      : error instanceof Error
        ? error.message
        : String(error);
    process.stderr.write(`ERROR: ${redact(message)}\n`);
    process.exit(error instanceof StartupError || error instanceof ConfigError ? error.exitCode : 1);
  }
}
