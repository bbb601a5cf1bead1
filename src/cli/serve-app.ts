import type { Config } from '../config/load.js';
import type { Logging } from '../process/log.js';
import type { MetricsEndpoint } from '../process/metrics/endpoint.js';
import type { PrometheusMetrics } from '../process/metrics.js';
import { serveUntilSignal } from '../process/signals.js';
import { answerMetrics, isWorker, onSupervisorGone, tellSupervisor } from '../process/workers/worker.js';

/**
 * Serves from this process until a signal, and resolves with the exit code; `announce` gets the URL. A worker tells its supervisor instead,
 * which also publishes its metrics. Throws StartupError.
 */
export async function serveApp(config: Config, logging: Logging, announce: (url: string) => void): Promise<number> {
  const { log } = logging;
  // The server's modules are the slowest part of a start: a mistake in the configuration should not wait for them.
  const { createApp } = await import('../app.js');
  const monitored = config.values.glimpse.metrics_bind !== null;
  const metrics = monitored ? (await import('../process/metrics.js')).createMetrics() : undefined;
  const app = await createApp(config, log, metrics);
  const endpoint = metrics && (await publish(metrics, config, logging));
  // Before the address answers, so that a signal that follows the first answer is never missed.
  const ended = serveUntilSignal({
    log,
    close: async () => {
      await app.close();
      await endpoint?.close();
    },
    reopen: () => {
      logging.reopen();
      app.reload();
    },
    ...(isWorker() ? { onOrphaned: onSupervisorGone } : {}),
  });
  // A port in use is tried again for a while, and a signal does not wait for that.
  const started = await Promise.race([app.listen(), ended]);
  if (typeof started === 'number') return started;
  if (isWorker()) await tellSupervisor({ kind: 'serving', url: started.url });
  else announce(started.url);
  return await ended;
}

async function publish(
  metrics: PrometheusMetrics,
  config: Config,
  { log }: Logging,
): Promise<MetricsEndpoint | undefined> {
  const bind = config.values.glimpse.metrics_bind;
  if (isWorker()) answerMetrics(() => metrics.snapshot());
  if (isWorker() || bind === null) return undefined;
  const { openMetricsEndpoint } = await import('../process/metrics/endpoint.js');
  return openMetricsEndpoint({ ...bind, log, gather: async () => [await metrics.snapshot()] });
}
