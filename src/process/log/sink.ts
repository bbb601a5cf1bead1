import { closeSync, fstatSync, openSync, renameSync, statSync, write, writeSync } from 'node:fs';
import type { Level } from './record.js';

/** Where finished lines go. */
export interface Sink {
  write(line: string, level: Level): void;
  /** Opens the target anew; for those that have none, nothing. */
  reopen(): void;
  /** Writes what is pending, now, before the process ends. */
  flushSync(): void;
  /** Resolves when every line is written. */
  close(): Promise<void>;
}

export interface FileTarget {
  readonly path: string;
  /** Bytes after which the file is renamed to `path.1` and so on; 0 never. */
  readonly maxBytes: number;
  /** Renamed files to keep. */
  readonly keep: number;
}

/** Characters that wait for a reader that does not read; further lines are dropped and counted. */
const MAX_PENDING = 8 * 1024 * 1024;
const RETRY_MS = 20;

/**
 * Lines to a descriptor (stdout is 1) or a file. The lines of one turn of the event loop go out in one asynchronous write, so that a slow disk
 * or reader never holds up the server. Before each write a file is looked up by its name: one that was renamed or removed is opened anew.
 */
export class FileSink implements Sink {
  #fd: number;
  #pending = '';
  #dropped = 0;
  #busy = false;
  #size = 0;
  #stale = false;
  #idle: (() => void)[] = [];

  /** `note` is the line about lines that were dropped. Throws the error of the file system when the file cannot be opened. */
  constructor(
    readonly target: number | FileTarget,
    readonly note = (dropped: number) => `${dropped} log lines were dropped: the output is too slow\n`,
  ) {
    this.#fd = typeof target === 'number' ? target : this.#open(target);
  }

  write(line: string): void {
    if (this.#pending.length + line.length > MAX_PENDING) {
      this.#dropped += 1;
      return;
    }
    this.#pending += line;
    if (this.#busy) return;
    this.#busy = true;
    setImmediate(() => this.#next());
  }

  reopen(): void {
    // A write under way holds the descriptor: closing it now could send those bytes into whatever gets its number next.
    if (this.#busy) this.#stale = true;
    else if (typeof this.target !== 'number') this.#renew(this.target);
  }

  flushSync(): void {
    try {
      for (let rest = this.#take(); rest.length > 0; ) rest = rest.subarray(writeSync(this.#fd, rest));
    } catch {
      // The process is ending and its output is gone: nobody is left to tell.
    }
  }

  async close(): Promise<void> {
    if (this.#busy) await new Promise<void>((resolve) => this.#idle.push(resolve));
    if (typeof this.target !== 'number' && this.#fd >= 0) closeSync(this.#fd);
    this.#fd = typeof this.target === 'number' ? this.#fd : -1;
  }

  #renew(target: FileTarget): void {
    this.#stale = false;
    try {
      const fd = this.#open(target);
      closeSync(this.#fd);
      this.#fd = fd;
    } catch {
      // The folder is gone or closed to us for now: the file that is open still takes the lines.
    }
  }

  #open(target: FileTarget): number {
    const fd = openSync(target.path, 'a', 0o640);
    this.#size = fstatSync(fd).size;
    return fd;
  }

  #take(): Buffer {
    const note = this.#dropped > 0 ? this.note(this.#dropped) : '';
    const bytes = Buffer.from(this.#pending + note);
    this.#pending = '';
    this.#dropped = 0;
    return bytes;
  }

  #next(): void {
    if (this.#pending === '') {
      this.#busy = false;
      for (const tell of this.#idle.splice(0)) tell();
      return;
    }
    const bytes = this.#take();
    if (typeof this.target !== 'number') this.#followRotation(this.target, bytes.length);
    this.#size += bytes.length;
    this.#send(bytes);
  }

  #send(bytes: Buffer): void {
    write(this.#fd, bytes, (error, written) => {
      if (error?.code === 'EAGAIN') setTimeout(() => this.#send(bytes), RETRY_MS);
      else if (error || written === bytes.length) this.#next();
      else this.#send(bytes.subarray(written));
    });
  }

  #followRotation(target: FileTarget, more: number): void {
    try {
      const ours = fstatSync(this.#fd);
      const named = statSync(target.path, { throwIfNoEntry: false });
      if (this.#stale || named?.ino !== ours.ino || named.dev !== ours.dev) this.#renew(target);
      else if (target.maxBytes > 0 && target.keep > 0 && this.#size > 0 && this.#size + more > target.maxBytes) {
        for (let n = target.keep - 1; n > 0; n--) moveIfThere(`${target.path}.${n}`, `${target.path}.${n + 1}`);
        renameSync(target.path, `${target.path}.1`);
        this.#renew(target);
      }
    } catch {
      // As above: lines go on into the file that is open.
    }
  }
}

function moveIfThere(from: string, to: string): void {
  if (statSync(from, { throwIfNoEntry: false })) renameSync(from, to);
}
