import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { CompressionError, type CompressionErrorKind } from './compression-error.js';
import { type Engine, written } from './engine.js';
import { findTool, TOOLS, type ToolEncoding } from './tools.js';

/** Of what a tool complains, so much is kept; the rest is read and dropped, so that the tool never waits for us. */
const COMPLAINT_BYTES = 2048;

/**
 * A tool of compression as a process of its own: no shell, nothing of our environment but the language of its messages, killed when it is
 * stopped. Throws CompressionError unavailable when there is no such tool, or it does not start.
 */
export async function toolProcess(encoding: ToolEncoding, direction: 'compress' | 'expand'): Promise<Engine> {
  const path = await findTool(encoding);
  const child = spawn(path, TOOLS[encoding][direction], { cwd: '/', env: { LC_ALL: 'C' }, stdio: 'pipe' });
  if (child.pid === undefined) {
    const why = await new Promise<Error>((resolve) => void child.once('error', resolve));
    throw new CompressionError('unavailable', `${encoding}: ${path} does not run: ${why.message}`, { cause: why });
  }
  const { stdin, stdout, stderr } = child;
  const complaint = complaintOf(stderr);
  // A tool that has ended takes no more: its exit code says why.
  stdin.on('error', () => {});
  const ended = new Promise<string | undefined>((resolve) => {
    child.once('close', (code, signal) => {
      if (signal !== null) resolve(`was killed by ${signal}`);
      else resolve(code === 0 ? undefined : `ended with code ${code}`);
    });
  });
  return {
    async write(bytes) {
      await written(stdin, bytes);
      // Before the tool has said why, more of the source would be read for nothing.
      if (stdin.destroyed) await ended;
    },
    end: () => void stdin.end(),
    output: stdout,
    async check() {
      const failed = await ended;
      const said = complaint();
      // bzip2 only warns of other bytes behind the end.
      if (failed === undefined && (said === '' || direction === 'compress')) return;
      throw new CompressionError(
        kindOf(direction, child.exitCode, said),
        `${encoding}: ${said === '' ? failed : said}`,
      );
    },
    async stop() {
      child.kill('SIGKILL');
      for (const stream of [stdin, stdout, stderr]) stream.destroy();
      await ended;
    },
  };
}

/** A tool that somebody killed says nothing about the bytes; nor does one that cannot compress. */
function kindOf(direction: 'compress' | 'expand', exitCode: number | null, said: string): CompressionErrorKind {
  if (direction === 'compress' || exitCode === null) return 'unavailable';
  return /memory usage limit/i.test(said) ? 'too-large' : 'invalid';
}

/** Collects what the tool says about itself; the answer is one line without control characters or the tool's own prefix. */
function complaintOf(stderr: Readable): () => string {
  let text = '';
  stderr.on('error', () => {});
  stderr.on('data', (chunk: Uint8Array) => {
    const room = COMPLAINT_BYTES - text.length;
    if (room > 0) text += Buffer.from(chunk).toString('latin1', 0, room);
  });
  return () => {
    const lines = text.split('\n').map((line) => line.replace(/[^ -~]/g, ' ').trim());
    const line = lines.find((candidate) => candidate !== '') ?? '';
    return line.replace(/^(?:\S*(?:bzip2|xz|zstd): )?(?:(?:\(stdin\)|\/\*stdin\*\\) ?: )?/, '').slice(0, 200);
  };
}
