import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';

export interface FakeRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

export interface FakeAnswer {
  readonly status: number;
  /** Sent as JSON, but for a text. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** An Image service that answers as a test tells it, for what real ones do only when they are broken. */
export interface FakeImageService {
  readonly url: string;
  readonly requests: readonly FakeRequest[];
  close(): Promise<void>;
}

/** Starts one on the loopback interface, with TLS where its options are given; 404 where `answer` says nothing. */
export async function startFakeImageService(
  answer: (request: FakeRequest) => FakeAnswer | undefined,
  tls?: ServerOptions,
): Promise<FakeImageService> {
  const requests: FakeRequest[] = [];
  const listener: RequestListener = (request, response) => {
    const asked = { method: request.method ?? '', path: request.url ?? '', headers: request.headers };
    requests.push(asked);
    const { status, body = '', headers = {} } = answer(asked) ?? { status: 404 };
    request.resume().on('end', () => {
      response.writeHead(status, headers).end(typeof body === 'string' ? body : JSON.stringify(body));
    });
  };
  const server = tls ? createTlsServer(tls, listener) : createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the service has no port');
  return {
    url: `${tls ? 'https' : 'http'}://127.0.0.1:${address.port}`,
    requests,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
