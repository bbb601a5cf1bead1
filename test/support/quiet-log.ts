import type { Log } from '../../src/domain/ports/log.js';

/** A log that keeps what was said, for tests that look at it and for those that want silence. */
export function quietLog(lines: string[] = []): Log {
  const note = (message: string): void => {
    lines.push(message);
  };
  const log: Log = { debug: note, info: note, warning: note, error: note, critical: note, child: () => log };
  return log;
}
