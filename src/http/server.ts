import {
  createServer,
  METHODS,
  type RequestListener,
  type Server,
  type ServerOptions,
  type ServerResponse,
} from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Duplex } from 'node:stream';
import type { SecureContextOptions } from 'node:tls';
import Koa from 'koa';
import type { ChainLink, RequestState } from './context.js';
import { HttpFault as Fault, fault, type HttpFault } from './fault.js';
import { faultBody, titleOf } from './fault-body.js';
import { inTurn } from './in-turn.js';
import { awaitContinue } from './request-body.js';
import { adoptOriginal, secondReading } from './unknown-head.js';

export interface HttpOptions {
  /** What every request passes, outermost first. */
  readonly chain: readonly ChainLink[];
  /** Bytes of all headers of a request; beyond it 431. */
  readonly maxHeaderSize: number;
  /** Seconds without a byte after which a connection is closed; 0 is never. */
  readonly socketTimeout: number;
  readonly keepAlive: boolean;
  /** With authorities (`ca`) clients must show a certificate of theirs. */
  readonly tls?: SecureContextOptions;
}

const PARSER_METHODS: ReadonlySet<string> = new Set(METHODS);

/** The server: one readable chain of middleware, and the protocol's odd corners around it. Not listening yet. */
export function createHttpServer(options: HttpOptions): Server {
  const app = new Koa<RequestState>();
  for (const middleware of options.chain) app.use(middleware);
  // Errors end in the boundary; what is left are clients that went away.
  app.on('error', () => {});
  const handle = app.callback();
  const open = new WeakMap<Duplex, Set<ServerResponse>>();
  const listener = inTurn((request, response) => {
    adoptOriginal(request);
    const { socket } = request;
    const answers = open.get(socket) ?? new Set();
    open.set(socket, answers.add(response));
    response.once('close', () => answers.delete(response));
    void handle(request, response);
  });
  const server = create(options, listener);
  server.maxHeadersCount = 0;
  server.timeout = options.socketTimeout * 1000;
  server.keepAliveTimeout = options.keepAlive ? options.socketTimeout * 1000 || 900_000 : 1;
  if (!options.keepAlive) server.maxRequestsPerSocket = 1;
  server.on('checkContinue', (request, response) => {
    awaitContinue(request, response);
    listener(request, response);
  });
  server.on('clientError', (error, socket) => {
    if (!secondReading(server, error, socket, PARSER_METHODS)) refuse(error, socket, [...(open.get(socket) ?? [])]);
  });
  return server;
}

/** Milliseconds for a client to agree on keys. */
const HANDSHAKE = 30_000;

function create(options: HttpOptions, listener: RequestListener): Server {
  const settings: ServerOptions = {
    maxHeaderSize: options.maxHeaderSize,
    // An upload may take hours; a client that says nothing is cut off by the socket's timeout.
    requestTimeout: 0,
    headersTimeout: 60_000,
    keepAlive: true,
    noDelay: true,
  };
  if (options.tls === undefined) return createServer(settings, listener);
  const clients = options.tls.ca === undefined ? {} : { requestCert: true, rejectUnauthorized: true };
  return createTlsServer({ ...settings, ...options.tls, ...clients, handshakeTimeout: HANDSHAKE }, listener);
}

const PARSER_FAULTS: Readonly<Record<string, HttpFault>> = {
  HPE_HEADER_OVERFLOW: fault(431),
  ERR_HTTP_REQUEST_TIMEOUT: new Fault(408, { explanation: 'The request took too long to arrive.' }),
};

/** Milliseconds for a client to read why its connection ends. */
const FAREWELL = 500;

/**
 * Answers what is no HTTP, in plain text: nobody knows what form such a client wants. The connection ends, and with it a request
 * whose body went wrong half way; one whose answer has begun can be told nothing else.
 */
function refuse(error: Error, socket: Duplex, open: readonly ServerResponse[]): void {
  const code = 'code' in error ? String(error.code) : '';
  // Bytes behind a request that ends its connection: its answer is still to come.
  if (code === 'HPE_CLOSED_CONNECTION') return;
  const answering = open.some((response) => response.headersSent && !response.writableEnded);
  if (code === 'ECONNRESET' || !socket.writable || answering) {
    socket.destroy();
    return;
  }
  setTimeout(() => socket.destroy(), FAREWELL).unref();
  const answer = PARSER_FAULTS[code] ?? fault(400);
  const { type, body } = faultBody(answer, undefined);
  socket.end(
    `HTTP/1.1 ${answer.status} ${titleOf(answer.status)}\r\nContent-Type: ${type}\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}
