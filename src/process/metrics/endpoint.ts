import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Log } from '../../domain/ports/log.js';
import { listen } from '../listen.js';
import { METRICS_TYPE, type MetricsSnapshot, metricsText } from '../metrics.js';

export interface MetricsEndpoint {
  readonly url: string;
  close(): Promise<void>;
}

export interface EndpointOptions {
  readonly host: string;
  readonly port: number;
  /** The metrics of every process, now. */
  readonly gather: () => Promise<readonly MetricsSnapshot[]>;
  readonly log: Log;
}

/** Connections beyond these are closed at once: monitoring needs one or two. */
const MAX_CONNECTIONS = 64;

/** Serves `GET /metrics` on an address of its own, nothing else. Throws StartupError when it cannot bind. */
export async function openMetricsEndpoint({ host, port, gather, log }: EndpointOptions): Promise<MetricsEndpoint> {
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = '', url = '' } = request;
    if (url.split('?', 1)[0] !== '/metrics') return end(response, 404, 'Metrics are at /metrics\n');
    if (method !== 'GET' && method !== 'HEAD') {
      response.setHeader('Allow', 'GET, HEAD');
      return end(response, 405, 'Metrics can be read, nothing else\n');
    }
    try {
      end(response, 200, await metricsText(await gather()), METRICS_TYPE);
    } catch (error) {
      log.error('metrics could not be gathered', { error });
      end(response, 500, 'Metrics could not be gathered; the log says why\n');
    }
  };
  const server = createServer({ requestTimeout: 10_000, headersTimeout: 10_000, maxHeaderSize: 16_384 });
  server.on('request', (request, response) => void answer(request, response));
  server.maxConnections = MAX_CONNECTIONS;
  await listen(server, host, port, MAX_CONNECTIONS);
  const url = urlOf(server.address(), host);
  log.info(`Metrics are at ${url}`);
  return {
    url,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

function urlOf(address: AddressInfo | string | null, host: string): string {
  const port = typeof address === 'object' ? address?.port : undefined;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}/metrics`;
}

function end(response: ServerResponse, status: number, body: string, type = 'text/plain; charset=utf-8'): void {
  response.writeHead(status, { 'Content-Type': type, 'Content-Length': Buffer.byteLength(body) });
  response.end(body);
}
