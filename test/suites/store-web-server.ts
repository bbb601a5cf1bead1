import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Socket } from 'node:net';

/** A web server of one test on the loopback interface. */
export interface WebServer {
  readonly port: number;
  /** `http://127.0.0.1:PORT`, or https. */
  readonly url: string;
  /** Requests so far, oldest first. */
  readonly requests: readonly Pick<IncomingMessage, 'method' | 'url' | 'headers'>[];
  /** Resolves when no connection is left. */
  idle(): Promise<void>;
  close(): Promise<void>;
}

/** Speaks TLS with a certificate and its key. */
export async function webServer(
  listener: RequestListener,
  tls?: { readonly cert: string; readonly key: string },
): Promise<WebServer> {
  const requests: IncomingMessage[] = [];
  const sockets = new Set<Socket>();
  let left = (): void => {};
  const answer: RequestListener = (request, response) => {
    requests.push(request);
    listener(request, response);
  };
  const server = tls ? createTlsServer(tls, answer) : createServer(answer);
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => {
      sockets.delete(socket);
      left();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return {
    port,
    url: `http${tls ? 's' : ''}://127.0.0.1:${port}`,
    requests,
    async idle() {
      while (sockets.size > 0) {
        await new Promise<void>((resolve) => {
          left = resolve;
        });
      }
    },
    async close() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
