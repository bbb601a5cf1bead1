import { type ChildProcess, spawn } from 'node:child_process';
import { createSocket, type Socket } from 'node:dgram';
import { StartupError } from '../startup-error.js';
import type { Level } from './record.js';
import type { Sink } from './sink.js';

const FACILITIES = [
  ...['KERN', 'USER', 'MAIL', 'DAEMON', 'AUTH', 'SYSLOG', 'LPR', 'NEWS', 'UUCP', 'CRON', 'AUTHPRIV', 'FTP'],
  ...['NTP', 'AUDIT', 'ALERT', 'CLOCK', 'LOCAL0', 'LOCAL1', 'LOCAL2', 'LOCAL3', 'LOCAL4', 'LOCAL5', 'LOCAL6', 'LOCAL7'],
];
const SEVERITIES: Readonly<Record<Level, number>> = { DEBUG: 7, INFO: 6, WARNING: 4, ERROR: 3, CRITICAL: 2 };
/** Bytes of one message; RFC 5424 asks receivers for 2048. */
const MAX_MESSAGE = 8192;

/** The number behind `LOG_USER`, `user`, `LOG_LOCAL0`. Throws StartupError for another name. */
export function facilityNumber(name: string): number {
  const number = FACILITIES.indexOf(name.trim().toUpperCase().replace(/^LOG_/, ''));
  if (number < 0) throw new StartupError(`Unknown syslog facility ${JSON.stringify(name)}`, 4);
  return number;
}

/**
 * Lines to the machine's syslog socket. Node has no datagram sockets in the file system, so util-linux's `logger` carries them there:
 * one child without a shell, its arguments fixed, each line on its stdin with its priority in front.
 */
export class LoggerSink implements Sink {
  readonly #child: ChildProcess;
  #failed = false;

  constructor(
    program: string,
    socket: string,
    readonly facility: number,
  ) {
    const format = ['--prio-prefix', '--id', '--size', String(MAX_MESSAGE), '--tag', program];
    const args = [...format, '--socket', socket, '--socket-errors=on'];
    this.#child = spawn('logger', args, { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
    const fail = (reason: string) => {
      if (!this.#failed) process.stderr.write(`Logging to syslog stopped: ${reason}\n`);
      this.#failed = true;
    };
    this.#child.on('error', (error) => fail(error.message));
    this.#child.on('exit', (code) => code && fail(`logger exited with ${code}`));
    this.#child.stdin?.on('error', (error) => fail(error.message));
    this.#child.unref();
  }

  write(line: string, level: Level): void {
    const stdin = this.#child.stdin;
    // Like a datagram, a line is lost rather than kept without limit when syslog does not take it.
    if (this.#failed || !stdin || stdin.writableLength > 1024 * 1024) return;
    stdin.write(withPriority(line, level, this.facility));
  }

  reopen(): void {}

  flushSync(): void {}

  async close(): Promise<void> {
    const { stdin } = this.#child;
    if (!stdin || this.#failed) return;
    this.#child.ref();
    const gone = new Promise<void>((resolve) => {
      this.#child.once('exit', () => resolve());
      this.#child.once('error', () => resolve());
    });
    stdin.end();
    await gone;
  }
}

/** Lines to a syslog server over UDP. */
export class UdpSyslogSink implements Sink {
  readonly #socket: Socket;

  constructor(
    readonly host: string,
    readonly port: number,
    readonly facility: number,
  ) {
    this.#socket = createSocket(host.includes(':') ? 'udp6' : 'udp4').on('error', () => undefined);
    this.#socket.unref();
  }

  write(line: string, level: Level): void {
    for (const one of withPriority(line, level, this.facility).split('\n').filter(Boolean)) {
      this.#socket.send(Buffer.from(one).subarray(0, MAX_MESSAGE), this.port, this.host);
    }
  }

  reopen(): void {}

  flushSync(): void {}

  close(): Promise<void> {
    // An empty datagram's callback comes after those of the lines before it.
    return new Promise((resolve) => {
      this.#socket.send('', this.port, this.host, () => this.#socket.close(() => resolve()));
    });
  }
}

function withPriority(text: string, level: Level, facility: number): string {
  return text.replace(/^(?=.)/gm, `<${facility * 8 + SEVERITIES[level]}>`);
}
