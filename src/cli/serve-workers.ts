import type { Config } from '../config/load.js';
import type { Logging } from '../process/log.js';
import type { MetricsEndpoint } from '../process/metrics/endpoint.js';
import { monotonicClock } from '../process/monotonic-clock.js';
import { serveUntilSignal } from '../process/signals.js';
import { Supervisor } from '../process/workers.js';

/**
 * Has `workers` processes serve until a signal, and resolves with the exit code; `announce` gets the URL once. This process watches over
 * them, takes care of the schema before they start, and publishes their metrics. Throws StartupError, that of a worker when none can start.
 */
export async function serveWorkers(config: Config, logging: Logging, announce: (url: string) => void): Promise<number> {
  const log = logging.log.child('workers');
  await prepareSchema(config, logging);
  const supervisor = new Supervisor(config.values.DEFAULT.workers, log);
  const endpoint = await publish(supervisor, config, logging);
  const ended = serveUntilSignal({
    log: logging.log,
    close: async () => {
      await supervisor.close();
      await endpoint?.close();
    },
    reopen: () => {
      logging.reopen();
      supervisor.reopen();
    },
  });
  const started = await Promise.race([supervisor.start(), ended]);
  if (typeof started === 'number') return started;
  announce(started);
  return await ended;
}

async function prepareSchema(config: Config, { log }: Logging): Promise<void> {
  const { openRegistry } = await import('../registry/open.js');
  const registry = await openRegistry(config.values, monotonicClock(), log.child('registry'));
  await registry.close();
}

async function publish(supervisor: Supervisor, config: Config, { log }: Logging): Promise<MetricsEndpoint | undefined> {
  const bind = config.values.glimpse.metrics_bind;
  if (bind === null) return undefined;
  const { openMetricsEndpoint } = await import('../process/metrics/endpoint.js');
  return openMetricsEndpoint({ ...bind, log, gather: () => supervisor.metrics() });
}
