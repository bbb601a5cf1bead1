import type { Config } from '../config/load.js';
import type { Log } from '../domain/ports/log.js';
import { StartupError } from '../process/startup-error.js';
import { isFirstWorker, isWorker, onChanged, tellSupervisor } from '../process/workers/worker.js';
import { watchedRegistry } from '../registry/watched.js';
import { PublishSchedule } from '../sync/publish/schedule.js';
import type { Parts } from './parts.js';

/** Publishing by the server itself, as far as this process has to do with it. */
export interface Publishing {
  /** The parts, with a registry that tells of changes. */
  readonly parts: Parts;
  start(): void;
  stop(): Promise<void>;
}

/** Throws StartupError for a schedule without a target. */
export function checkSchedule({ values: { publish: options } }: Config): void {
  if ((options.interval > 0 || options.on_change) && options.target === null) {
    throw new StartupError('interval and on_change: [publish] target must say where this server publishes.');
  }
}

/** Of several workers the first publishes, and the others tell it of changes through their supervisor. */
export function buildPublishing(config: Config, parts: Parts, log: Log): Publishing {
  const { interval, on_change: onChange, on_change_delay: delay } = config.values.publish;
  if (interval === 0 && !onChange) return { parts, start() {}, async stop() {} };
  if (isWorker() && !isFirstWorker()) {
    const tell = (): void => void tellSupervisor({ kind: 'changed' });
    return { parts: onChange ? watched(parts, tell) : parts, start() {}, async stop() {} };
  }
  const schedule = new PublishSchedule({
    interval: interval * 1000,
    delay: onChange ? delay * 1000 : undefined,
    publish: (signal) => publish(config, parts, log, signal),
    log,
  });
  return {
    parts: onChange ? watched(parts, () => schedule.changed()) : parts,
    start() {
      if (isWorker()) onChanged(() => schedule.changed());
      schedule.start();
    },
    stop: () => schedule.stop(),
  };
}

function watched(parts: Parts, onChange: () => void): Parts {
  return { ...parts, registry: watchedRegistry(parts.registry, onChange) };
}

/** One run, with keys and target opened for it: both may be exchanged while the server runs. */
async function publish(config: Config, parts: Parts, log: Log, signal: AbortSignal): Promise<void> {
  // A server that does not publish need not load what does.
  const [{ openPublisher }, { publishOnce }] = await Promise.all([
    import('./open-publisher.js'),
    import('../sync/publish/publisher.js'),
  ]);
  const { close, ...publisher } = await openPublisher(config, parts, log);
  try {
    const { generation, changed, images } = await publishOnce({ ...publisher, signal });
    if (changed) log.info(`generation ${generation} is published`, { images });
    else log.debug(`generation ${generation} is up to date`, { images });
  } finally {
    await close();
  }
}
