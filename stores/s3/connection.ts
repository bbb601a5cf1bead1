import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

/** Read at once: what large reads and writes save in system calls is a quarter of the CPU of a download. Pages that a short body does not reach are never touched. */
const BUFFER_BYTES = 1024 * 1024;

/** No service has a head, or an error to tell, that is longer. */
const HEAD_BYTES = 64 * 1024;

export interface ConnectionOptions {
  readonly ca?: Buffer;
  readonly connectMs: number;
  readonly idleMs: number;
}

export interface Head {
  readonly status: number;
  /** The value of a header, by its name in lower case. */
  header(name: string): string | undefined;
}

/**
 * One GET on a connection of its own, whose body is read into one buffer over and over. Through node:http each piece of a body is
 * allocated, copied and collected: 0.65 CPU seconds a GiB instead of 0.15 (docs/adr/0003-data-path.md).
 */
export class Connection {
  readonly #socket: Socket;
  readonly #idleMs: number;
  #unread: Uint8Array | undefined;
  #ended = false;
  #idle = false;
  #error: Error | undefined;
  #wake: (() => void) | undefined;

  /** Sends the request. `headers`: beside `host`. */
  constructor(url: URL, headers: Readonly<Record<string, string>>, { ca, connectMs, idleMs }: ConnectionOptions) {
    const secure = url.protocol === 'https:';
    const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
    const target = {
      host,
      port: Number(url.port || (secure ? 443 : 80)),
      onread: {
        buffer: Buffer.allocUnsafeSlow(BUFFER_BYTES),
        callback: (count: number, buffer: Uint8Array): boolean => {
          this.#unread = buffer.subarray(0, count);
          this.#wake?.();
          // Nothing more comes in before this piece is used up.
          return false;
        },
      },
    };
    this.#idleMs = idleMs;
    this.#socket = secure
      ? connectTls({ ...target, servername: host, ...(ca === undefined ? {} : { ca }) })
      : connectTcp(target);
    this.#socket
      .setTimeout(connectMs)
      .on(secure ? 'secureConnect' : 'connect', () => this.#socket.setTimeout(idleMs))
      .on('timeout', () => this.#onIdle())
      .on('error', (error) => this.#finish(error))
      .on('end', () => this.#finish())
      .on('close', () => this.#finish());
    const lines = Object.entries({ host: url.host, connection: 'close', ...headers });
    const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('');
    this.#socket.write(`GET ${url.pathname}${url.search} HTTP/1.1\r\n${head}\r\n`, 'latin1');
  }

  /** The head of the answer; to be called once, and first. */
  async head(): Promise<Head> {
    const text = await this.#until('\r\n\r\n');
    const [, status] = /^HTTP\/1\.[01] (\d{3})\b/.exec(text) ?? [];
    if (status === undefined) throw new Error('The service does not speak HTTP.');
    return {
      status: Number(status),
      header: (name) => new RegExp(`^${name}:[ \\t]*(.*?)[ \\t]*\\r?$`, 'im').exec(text)?.[1],
    };
  }

  /** The next piece of the body, valid until the next call; undefined at the end. Throws what broke the connection. */
  async read(): Promise<Uint8Array | undefined> {
    if (!this.#unread && !this.#ended) await this.#more();
    const piece = this.#unread;
    this.#unread = undefined;
    if (!piece && this.#error) throw this.#error;
    return piece;
  }

  /** The beginning of the body as text, of an answer that is not kept. */
  async text(): Promise<string> {
    let text = '';
    for (let piece = await this.read(); piece && text.length < HEAD_BYTES; piece = await this.read()) {
      text += Buffer.from(piece).toString('latin1');
    }
    return text;
  }

  /** Ends the connection. A reader that waits gets `error`, or the end. */
  destroy(error?: Error): void {
    this.#finish(error);
    this.#socket.destroy();
  }

  /** Everything up to and with `mark`; what follows stays for the next read. */
  async #until(mark: string): Promise<string> {
    let text = '';
    for (;;) {
      const piece = await this.read();
      if (!piece || text.length > HEAD_BYTES) throw brokenOff();
      const before = text.length;
      text += Buffer.from(piece).toString('latin1');
      const end = text.indexOf(mark);
      if (end < 0) continue;
      const rest = piece.subarray(end + mark.length - before);
      if (rest.byteLength > 0) this.#unread = rest;
      return text.slice(0, end + mark.length);
    }
  }

  #more(): Promise<void> {
    // A reader that took its time is no fault of the service: its time begins now.
    if (this.#idle) this.#socket.setTimeout(this.#idleMs);
    this.#idle = false;
    this.#socket.resume();
    return new Promise((resolve) => {
      this.#wake = () => {
        this.#wake = undefined;
        resolve();
      };
    });
  }

  #onIdle(): void {
    this.#idle = true;
    if (this.#wake) this.destroy(Object.assign(new Error('The service is silent.'), { name: 'TimeoutError' }));
  }

  #finish(error?: Error): void {
    this.#ended = true;
    this.#error ??= error;
    this.#wake?.();
  }
}

function brokenOff(): Error {
  return Object.assign(new Error('The service broke off within the head of its answer.'), { code: 'ECONNRESET' });
}
