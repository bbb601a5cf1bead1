import { once } from 'node:events';
import { createServer } from 'node:http';

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

/** Starts one on the loopback interface; 404 where `answer` says nothing. */
export async function startFakeImageService(
  answer: (request: FakeRequest) => FakeAnswer | undefined,
): Promise<FakeImageService> {
  const requests: FakeRequest[] = [];
  const server = createServer((request, response) => {
    const asked = { method: request.method ?? '', path: request.url ?? '', headers: request.headers };
    requests.push(asked);
    const { status, body = '', headers = {} } = answer(asked) ?? { status: 404 };
    request.resume().on('end', () => {
      response.writeHead(status, headers).end(typeof body === 'string' ? body : JSON.stringify(body));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the service has no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    requests,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
