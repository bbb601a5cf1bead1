import type { Audit } from '../domain/ports/audit.js';
import { FileSink } from './log/sink.js';
import { StartupError } from './startup-error.js';

export interface AuditFile extends Audit {
  /** Opens the file anew, as after a rotation. */
  reopen(): void;
  /** Resolves when every line is written. */
  close(): Promise<void>;
}

const lost = (count: number): string => `${JSON.stringify({ time: new Date().toISOString(), lost: count })}\n`;

/**
 * An audit log as one JSON object a line. A file that was renamed or removed is opened anew by itself too. Lines that the disk
 * does not take in time are counted in a line of their own (`lost`). Throws StartupError when the file cannot be opened.
 */
export function openAuditFile(path: string): AuditFile {
  const sink = open(path);
  const flush = (): void => sink.flushSync();
  process.once('exit', flush);
  return {
    write({ requestId, ...entry }) {
      sink.write(`${JSON.stringify({ time: new Date().toISOString(), request_id: requestId, ...entry })}\n`);
    },
    reopen: () => sink.reopen(),
    async close() {
      process.removeListener('exit', flush);
      await sink.close();
    },
  };
}

function open(path: string): FileSink {
  try {
    return new FileSink({ path, maxBytes: 0, keep: 0 }, lost);
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new StartupError(`Cannot open the audit log ${path}: ${reason}`, 1, { cause: error });
  }
}
