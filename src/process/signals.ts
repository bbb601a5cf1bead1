import type { Log } from '../domain/ports/log.js';

interface Serving {
  readonly log: Log;
  /** Lets requests end, then gives everything back. */
  close(): Promise<void>;
  /** Opens log files anew, and reads anew what may change while the server runs. */
  reopen(): void;
  /**
   * Given by a process that a supervisor watches over; to call back when that is gone. Such a process leaves SIGINT, which a terminal sends to the
   * whole group, to its supervisor, and takes no second signal for impatience: one may come from the group and one from the supervisor.
   */
  onOrphaned?(stop: () => void): void;
}

/** Milliseconds that running requests have to end. Whoever sends SIGTERM waits ten seconds before SIGKILL. */
const GRACE_MS = 9_000;

/**
 * Serves until SIGTERM or SIGINT, and resolves with the process's exit code: 0 when everything was closed, also when requests had to be cut off at the end of their
 * time; 1 when closing failed, when an error escaped everyone, or at a second signal. SIGHUP opens the log files and reads the certificates anew.
 */
export function serveUntilSignal(serving: Serving): Promise<number> {
  const { log } = serving;
  const supervised = serving.onOrphaned !== undefined;
  return new Promise((resolve) => {
    let stopping = false;
    const stop = (reason: string, code: number) => {
      if (stopping) {
        if (!supervised) resolve(1);
        return;
      }
      stopping = true;
      log.info(`Stopping: ${reason}`);
      const deadline = setTimeout(() => {
        log.warning('Stopped with requests still running');
        resolve(code);
      }, GRACE_MS);
      serving
        .close()
        .then(() => resolve(code))
        .catch((error: unknown) => {
          log.error('Closing failed', { error });
          resolve(1);
        })
        .finally(() => clearTimeout(deadline));
    };
    process.on('SIGTERM', () => stop('SIGTERM', 0));
    process.on('SIGINT', () => {
      if (!supervised) stop('SIGINT', 0);
    });
    process.on('SIGHUP', () => {
      serving.reopen();
      log.info('Log files opened anew');
    });
    serving.onOrphaned?.(() => stop('the supervisor is gone', 0));
    process.on('uncaughtException', (error) => {
      log.critical('An error escaped everyone', { error });
      stop('an error that nobody handled', 1);
    });
  });
}
