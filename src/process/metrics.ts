import { AggregatorRegistry, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Metrics } from '../domain/ports/metrics.js';

/** The values of all metrics of one process, as they travel between processes. */
export type MetricsSnapshot = readonly object[];

export interface PrometheusMetrics extends Metrics {
  snapshot(): Promise<MetricsSnapshot>;
}

/** Media type of `metricsText`. */
export const METRICS_TYPE = Registry.PROMETHEUS_CONTENT_TYPE;

/** Bounds of the histograms in seconds: from a document out of memory to a large upload, and from an indexed row to a statement's time limit. */
const TRANSFER_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];
const DATABASE_SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 10];

/** Metrics of this process, by Prometheus's rules for names and units (https://prometheus.io/docs/practices/naming/). */
export function createMetrics(): PrometheusMetrics {
  const registry = new Registry();
  const registers = [registry];
  const request = ['route', 'method'] as const;
  const requests = new Counter({
    name: 'glimpse_http_requests_total',
    help: 'Requests by route, method and status; 499 is a client that left before there was an answer.',
    labelNames: [...request, 'status'],
    registers,
  });
  const seconds = new Histogram({
    name: 'glimpse_http_request_duration_seconds',
    help: 'Time from the head of a request to the end of its answer.',
    labelNames: request,
    buckets: TRANSFER_SECONDS,
    registers,
  });
  const received = new Counter({
    name: 'glimpse_http_received_bytes_total',
    help: 'Bytes of requests, headers included, counted when the answer is over.',
    labelNames: request,
    registers,
  });
  const sent = new Counter({
    name: 'glimpse_http_sent_bytes_total',
    help: 'Bytes of answers, headers included, counted when the answer is over.',
    labelNames: request,
    registers,
  });
  const uploads = new Gauge({
    name: 'glimpse_uploads_in_progress',
    help: 'Images whose bytes are on their way into a store.',
    registers,
  });
  const store = new Histogram({
    name: 'glimpse_store_duration_seconds',
    help: 'Time of calls of stores: put until all bytes are stored, open until the first can be read.',
    labelNames: ['store', 'operation'],
    buckets: TRANSFER_SECONDS,
    registers,
  });
  const database = new Histogram({
    name: 'glimpse_database_duration_seconds',
    help: 'Time of calls of the registry, waiting for a connection included.',
    labelNames: ['operation'],
    buckets: DATABASE_SECONDS,
    registers,
  });
  return {
    request(observed) {
      const { route, method } = observed;
      requests.inc({ route, method, status: observed.status });
      seconds.observe({ route, method }, observed.seconds);
      received.inc({ route, method }, observed.received);
      sent.inc({ route, method }, observed.sent);
    },
    storeCall(name, operation) {
      const end = store.startTimer({ store: name, operation });
      if (operation !== 'put') return end;
      uploads.inc();
      return () => {
        uploads.dec();
        end();
      };
    },
    databaseCall: (operation) => database.startTimer({ operation }),
    snapshot: () => registry.getMetricsAsJSON(),
  };
}

/** The sum over processes, in Prometheus's text format. */
export function metricsText(snapshots: readonly MetricsSnapshot[]): Promise<string> {
  return AggregatorRegistry.aggregate(snapshots.map((snapshot) => [...snapshot])).metrics();
}
