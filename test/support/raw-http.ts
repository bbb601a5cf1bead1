import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export interface RawAnswer {
  readonly status: number;
  /** Lower-case names; of repeated headers the last. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
  /** Whether `100 Continue` came first. */
  readonly continued: boolean;
  /** Whether the connection ended before the body did. */
  readonly truncated: boolean;
}

/** What to say about a request beside its bytes, for `exchange`. */
export interface Exchange {
  /** The answer has a head only. */
  readonly head?: boolean;
  /** Say "no more" after the bytes: for requests that promise a body they do not bring. */
  readonly end?: boolean;
  /** Milliseconds after which a silent server counts as hanging. */
  readonly timeout?: number;
}

const TIMEOUT_MS = 15_000;
const MAX_HEAD_BYTES = 256 * 1024;

/** An HTTP connection that sends exactly the bytes it is given, however wrong, and reads the answers. */
export class RawConnection {
  readonly #socket: Socket;
  #received: Buffer = Buffer.alloc(0);
  #ended = false;
  #wake: () => void = () => {};
  /** The error that ended the connection, e.g. a reset. */
  failure: Error | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk) => {
      this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
      this.#wake();
    });
    const finish = (): void => {
      this.#ended = true;
      this.#wake();
    };
    socket.on('error', (error) => {
      this.failure = error;
      finish();
    });
    socket.on('end', finish);
    socket.on('close', finish);
  }

  /** Connects to the port on the loopback interface. Throws when nobody listens. */
  static async open(port: number): Promise<RawConnection> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
    await once(socket, 'connect');
    return new RawConnection(socket);
  }

  /** Resolves when the bytes have left the process, or the connection is dead. */
  send(bytes: Buffer | string): Promise<void> {
    return new Promise((resolve) => this.#socket.write(bytes, () => resolve()));
  }

  /** Says that nothing more will come. */
  end(): void {
    this.#socket.end();
  }

  /** Reads nothing until `resume`, as a client does that sends its whole body before it looks for an answer. */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  close(): void {
    this.#socket.destroy();
  }

  /** Waits for the line `100 Continue`; false when a final answer or the end came instead. */
  async awaitContinue(timeout = TIMEOUT_MS): Promise<boolean> {
    const deadline = Date.now() + timeout;
    const head = await this.#head(deadline);
    if (head === undefined) return false;
    if (head.status === 100) return true;
    this.#received = Buffer.concat([head.bytes, this.#received]);
    return false;
  }

  /**
   * The next final answer; undefined when the connection ended without one.
   * Throws when the server stays silent for `timeout` milliseconds.
   */
  async answer(options: Exchange = {}): Promise<RawAnswer | undefined> {
    const deadline = Date.now() + (options.timeout ?? TIMEOUT_MS);
    let continued = false;
    let head = await this.#head(deadline);
    while (head !== undefined && head.status < 200) {
      continued ||= head.status === 100;
      head = await this.#head(deadline);
    }
    if (head === undefined) return undefined;
    const { status, headers } = head;
    const bodiless = options.head === true || status === 204 || status === 304;
    const { body, complete } = bodiless
      ? { body: Buffer.alloc(0), complete: true }
      : await this.#body(headers, deadline);
    return { status, headers, body, continued, truncated: !complete };
  }

  async #more(deadline: number): Promise<boolean> {
    const before = this.#received.length;
    if (this.#ended) return false;
    let timer: NodeJS.Timeout | undefined;
    const hanging = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error('the server hangs')), Math.max(0, deadline - Date.now()));
    });
    const woken = new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    try {
      await Promise.race([woken, hanging]);
    } finally {
      clearTimeout(timer);
    }
    return this.#received.length > before || !this.#ended;
  }

  async #head(deadline: number) {
    let end = this.#received.indexOf('\r\n\r\n');
    while (end < 0) {
      if (this.#received.length > MAX_HEAD_BYTES) throw new Error('the head of the answer never ends');
      if (!(await this.#more(deadline))) return undefined;
      end = this.#received.indexOf('\r\n\r\n');
    }
    const bytes = this.#received.subarray(0, end + 4);
    this.#received = this.#received.subarray(end + 4);
    const [first = '', ...lines] = bytes.subarray(0, end).toString('utf8').split('\r\n');
    const status = Number(/^HTTP\/1\.[01] (\d{3})( |$)/.exec(first)?.[1]);
    if (Number.isNaN(status)) throw new Error(`not an HTTP answer: ${first}`);
    const headers = new Map<string, string>();
    for (const line of lines) {
      const colon = line.indexOf(':');
      headers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
    }
    return { bytes, status, headers };
  }

  async #body(headers: ReadonlyMap<string, string>, deadline: number): Promise<{ body: Buffer; complete: boolean }> {
    if (headers.get('transfer-encoding')?.toLowerCase() === 'chunked') return this.#chunks(deadline);
    const length = headers.get('content-length');
    if (length === undefined) {
      while (await this.#more(deadline));
      return { body: this.#take(this.#received.length), complete: this.failure === undefined };
    }
    const complete = await this.#until(Number(length), deadline);
    return { body: this.#take(Number(length)), complete };
  }

  async #chunks(deadline: number): Promise<{ body: Buffer; complete: boolean }> {
    const chunks: Buffer[] = [];
    for (;;) {
      let end = this.#received.indexOf('\r\n');
      while (end < 0) {
        if (!(await this.#more(deadline))) return { body: Buffer.concat(chunks), complete: false };
        end = this.#received.indexOf('\r\n');
      }
      const size = Number.parseInt(this.#take(end + 2).toString('latin1'), 16);
      if (!(await this.#until(size + 2, deadline))) return { body: Buffer.concat(chunks), complete: false };
      const chunk = this.#take(size);
      this.#take(2);
      if (size === 0) return { body: Buffer.concat(chunks), complete: true };
      chunks.push(chunk);
    }
  }

  async #until(length: number, deadline: number): Promise<boolean> {
    while (this.#received.length < length) {
      if (!(await this.#more(deadline))) return this.#received.length >= length;
    }
    return true;
  }

  #take(length: number): Buffer {
    const taken = this.#received.subarray(0, length);
    this.#received = this.#received.subarray(length);
    return taken;
  }
}

/** One connection for one request: sends the bytes, reads the answer, closes. */
export async function exchange(
  port: number,
  bytes: Buffer | string,
  options: Exchange = {},
): Promise<RawAnswer | undefined> {
  const connection = await RawConnection.open(port);
  try {
    await connection.send(bytes);
    if (options.end === true) connection.end();
    return await connection.answer(options);
  } finally {
    connection.close();
  }
}

/** The bytes of a well-formed request. */
export function request(
  method: string,
  path: string,
  headers: Readonly<Record<string, string>> = {},
  body?: Buffer | string,
): Buffer {
  const payload = Buffer.from(body ?? '');
  const length = body === undefined ? {} : { 'Content-Length': String(payload.length) };
  const lines = Object.entries({ Host: '127.0.0.1', ...headers, ...length }).map(
    ([name, value]) => `${name}: ${value}`,
  );
  return Buffer.concat([Buffer.from(`${method} ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`), payload]);
}
