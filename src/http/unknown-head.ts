import type { IncomingMessage, Server } from 'node:http';
import { Socket } from 'node:net';
import { Duplex } from 'node:stream';

/** A method that Node's parser knows and the API does not: it stands for every method that Node refuses to read. */
const STAND_IN = 'SOURCE';
const HEAD = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]{1,32}) (\S+ HTTP\/1\.[01]\r\n)([\s\S]*?\r\n)\r\n/;

/** What the client really sent, by the connection that carries its request for the second time. */
const originals = new WeakMap<Duplex, Readable>();

const adopted = new WeakMap<IncomingMessage, Readable>();

/** To be called once for every request: what its connection was read anew for is said of its first request alone. */
export function adoptOriginal(request: IncomingMessage): void {
  const original = originals.get(request.socket);
  if (original === undefined) return;
  originals.delete(request.socket);
  adopted.set(request, original);
}

/** The method as the client wrote it, where the request was read a second time. */
export function originalMethod(request: IncomingMessage): string | undefined {
  return adopted.get(request)?.method;
}

/** The text of a header's name, where it holds characters that Node's parser does not take. */
export function originalHeaderName(request: IncomingMessage, name: string): string {
  return adopted.get(request)?.names.get(name) ?? name;
}

interface Readable {
  readonly head: Buffer;
  readonly method: string;
  readonly names: ReadonlyMap<string, string>;
}

/**
 * The head in words that Node's parser takes. Undefined when it is no HTTP at all, or when the parser stopped behind the packet's first head:
 * that request has been read, and must not be read twice.
 */
function readable(raw: Buffer, parsed: number, methods: ReadonlySet<string>): Readable | undefined {
  const match = HEAD.exec(raw.toString('latin1'));
  if (match === null) return undefined;
  const [whole, method = '', target = '', fields = ''] = match;
  if (parsed >= Buffer.byteLength(whole, 'latin1')) return undefined;
  const names = new Map<string, string>();
  const lines = fields.split('\r\n').map((field) => {
    const colon = field.indexOf(':');
    const name = field.slice(0, colon);
    // Only bytes beyond ASCII are forgiven: blanks and controls in names are how requests are smuggled.
    if (colon < 1 || !/[\x80-\xff]/.test(name)) return field;
    const standIn = `x-glimpse-text-name-${names.size}`;
    names.set(standIn, name);
    return standIn + field.slice(colon);
  });
  const known = methods.has(method);
  const head = `${known ? method : STAND_IN} ${target}${lines.join('\r\n')}\r\n`;
  return {
    head: Buffer.concat([Buffer.from(head, 'latin1'), raw.subarray(Buffer.byteLength(whole, 'latin1'))]),
    method,
    names,
  };
}

/** The socket's other bytes behind a head that has been made readable. */
function replay(head: Buffer, socket: Socket): Duplex {
  const connection = new Duplex({
    read() {
      socket.resume();
    },
    write(chunk, _encoding, done) {
      socket.write(chunk, done);
    },
    final(done) {
      socket.end(done);
    },
    destroy(error, done) {
      socket.destroy();
      done(error);
    },
  });
  connection.push(head);
  for (const event of ['data', 'end', 'close', 'error', 'drain', 'timeout']) socket.removeAllListeners(event);
  socket.on('data', (chunk) => connection.push(chunk) || socket.pause());
  socket.on('end', () => connection.push(null));
  socket.on('error', () => connection.destroy());
  socket.on('close', () => connection.destroy());
  socket.on('timeout', () => connection.destroy());
  return Object.defineProperties(connection, {
    remoteAddress: { value: socket.remoteAddress },
    bytesRead: { get: () => socket.bytesRead },
    bytesWritten: { get: () => socket.bytesWritten },
  });
}

/**
 * Gives a request that Node's parser refused a second reading, where Glance would have answered it: a method nobody knows
 * (405 or 501), and header names in UTF-8 (property names). Only for what a connection begins with: later on a packet may begin with the
 * rest of a body, and whoever sent that would have it read as a request. False when it is beyond reading.
 */
export function secondReading(server: Server, error: unknown, socket: Duplex, methods: ReadonlySet<string>): boolean {
  if (!(error instanceof Error) || !('code' in error) || !('rawPacket' in error) || !('bytesParsed' in error))
    return false;
  if (error.code !== 'HPE_INVALID_METHOD' && error.code !== 'HPE_INVALID_HEADER_TOKEN') return false;
  if (!(socket instanceof Socket) || 'encrypted' in socket || !Buffer.isBuffer(error.rawPacket)) return false;
  if (socket.bytesRead !== error.rawPacket.length) return false;
  const request = readable(error.rawPacket, Number(error.bytesParsed), methods);
  if (request === undefined) return false;
  const connection = replay(request.head, socket);
  originals.set(connection, request);
  server.emit('connection', connection);
  return true;
}
