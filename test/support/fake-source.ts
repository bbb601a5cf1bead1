import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';

/** An HTTP server of images, good and bad ones: the first segment of a path says how it behaves, the second how large it is. */
export interface FakeSource {
  /** E.g. `http://127.0.0.1:1234`. */
  readonly url: string;
  /** Method and path of every request so far. */
  readonly requests: readonly string[];
  close(): Promise<void>;
}

type Behaviour = (response: ServerResponse, size: number, head: boolean) => void;

const BEHAVIOURS: Readonly<Record<string, Behaviour>> = {
  /** What it announces. */
  bytes: (response, size) => response.setHeader('Content-Length', size).end(sourceBytes(size)),
  /** No length: the end of the connection ends the image. */
  nolength: (response, size) => response.setHeader('Connection', 'close').end(sourceBytes(size)),
  /** Half of what it announces. */
  short: (response, size, head) => {
    response.setHeader('Content-Length', size);
    if (head) response.end();
    else response.write(sourceBytes(Math.floor(size / 2)), () => response.destroy());
  },
  /** There when asked for, gone when fetched. */
  headonly: (response, size, head) => {
    response.statusCode = head ? 200 : 404;
    response.setHeader('Content-Length', head ? size : 0).end();
  },
  /** Another place. */
  redirect: (response, size) => response.writeHead(302, { Location: `/bytes/${size}` }).end(),
  /** Itself, for ever. */
  loop: (response, size) => response.writeHead(302, { Location: `/loop/${size}` }).end(),
  /** An answer with this status. */
  status: (response, size) => response.writeHead(size).end(),
};

/** The bytes that the source serves for a size. */
export function sourceBytes(size: number): Buffer {
  return Buffer.alloc(size, '0123456789abcdef');
}

/** Starts a source on the loopback interface. */
export async function startFakeSource(): Promise<FakeSource> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    const [, kind = '', size = ''] = (request.url ?? '').split('/');
    const behave = BEHAVIOURS[kind];
    if (behave === undefined || !/^\d+$/.test(size)) response.writeHead(404).end();
    else behave(response, Number(size), request.method === 'HEAD');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the source has no port');
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
