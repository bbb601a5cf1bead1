import { resolve } from 'node:path';
import type { Values } from '../config/options.js';
import type { Log, LogFields } from '../domain/ports/log.js';
import { openFile, readLogConfig } from './log/file-config.js';
import { type Formatter, jsonFormatter, textFormatter } from './log/lines.js';
import { emit, type LoggerRule, type Output, type Route, routeOf } from './log/output.js';
import { LEVELS, type Level, levelNumber } from './log/record.js';
import { FileSink, type Sink } from './log/sink.js';
import { facilityNumber, LoggerSink } from './log/syslog.js';
import { StartupError } from './startup-error.js';

export interface Logging {
  /** The logger `glance`. */
  readonly log: Log;
  /** Whether lines go to stdout, so that a program keeps its own words off it. */
  readonly onStdout: boolean;
  /** Opens log files anew, as after a rotation. */
  reopen(): void;
  /** Resolves when every line is written. */
  close(): Promise<void>;
}

/**
 * Builds the log of a program from its options (image-api-v1 section 7.3). Lines that are pending when the process exits are written then.
 * `terminal` is the descriptor that takes them where no file is named: 2 for programs whose answers go to stdout.
 * Throws StartupError for a file, a format, a level or a facility that is not possible.
 */
export function createLog(options: Values['DEFAULT'], program: string, terminal: 1 | 2 = 1): Logging {
  const rules =
    options.log_config_append === null
      ? [...ownRules(options, program, terminal), ...levelRules(options)]
      : readLogConfig(options.log_config_append, program);
  const sinks = new Set(rules.flatMap((rule) => rule.outputs.map((output) => output.sink)));
  const flush = () => {
    for (const sink of sinks) sink.flushSync();
  };
  process.once('exit', flush);
  return {
    log: new Logger('glance', rules),
    onStdout: [...sinks].some((sink) => sink instanceof FileSink && sink.target === 1),
    reopen: () => {
      for (const sink of sinks) sink.reopen();
    },
    close: async () => {
      process.removeListener('exit', flush);
      await Promise.all([...sinks].map((sink) => sink.close()));
    },
  };
}

/** Log lines of one name; those below its level cost one comparison. */
class Logger implements Log {
  readonly #route: Route;

  constructor(
    readonly name: string,
    readonly rules: readonly LoggerRule[],
  ) {
    this.#route = routeOf(name, rules);
  }

  debug(message: string, fields?: LogFields): void {
    this.#log('DEBUG', message, fields);
  }

  info(message: string, fields?: LogFields): void {
    this.#log('INFO', message, fields);
  }

  warning(message: string, fields?: LogFields): void {
    this.#log('WARNING', message, fields);
  }

  error(message: string, fields?: LogFields): void {
    this.#log('ERROR', message, fields);
  }

  critical(message: string, fields?: LogFields): void {
    this.#log('CRITICAL', message, fields);
  }

  child(name: string): Log {
    return new Logger(`${this.name}.${name}`, this.rules);
  }

  #log(level: Level, message: string, fields: LogFields = {}): void {
    if (LEVELS[level] < this.#route.level) return;
    emit({ name: this.name, level, time: Date.now(), message, fields }, this.#route.outputs);
  }
}

function ownRules(options: Values['DEFAULT'], program: string, terminal: 1 | 2): LoggerRule[] {
  const format = formatter(options);
  const facility = options.use_syslog ? facilityNumber(options.syslog_log_facility) : 0;
  const sinks: Sink[] = [options.log_file || options.log_dir ? logFile(options, program) : new FileSink(terminal)];
  if (options.use_stderr && terminal !== 2) sinks.push(new FileSink(2));
  if (options.use_syslog) sinks.push(new LoggerSink(program, '/dev/log', facility));
  const outputs: Output[] = sinks.map((sink) => ({ sink, format, level: 0 }));
  return [{ name: '', level: options.debug ? LEVELS.DEBUG : LEVELS.INFO, outputs, propagate: true }];
}

function logFile(options: Values['DEFAULT'], program: string): Sink {
  const rotates = options.log_rotation_type === 'size';
  return openFile({
    path: resolve(options.log_dir ?? '', options.log_file ?? `${program}.log`),
    maxBytes: rotates ? options.max_logfile_size_mb * 1024 * 1024 : 0,
    keep: rotates ? options.max_logfile_count : 0,
  });
}

function formatter(options: Values['DEFAULT']): Formatter {
  if (options.log_format === 'json') return jsonFormatter();
  try {
    return textFormatter({
      context: options.log_format ?? options.logging_context_format_string,
      plain: options.log_format ?? options.logging_default_format_string,
      exceptionPrefix: options.logging_exception_prefix,
      dateFormat: options.log_date_format,
    });
  } catch (error) {
    throw new StartupError(error instanceof Error ? error.message : String(error), 4);
  }
}

/** `default_log_levels`, such as `glance.api=DEBUG`. */
function levelRules(options: Values['DEFAULT']): LoggerRule[] {
  return options.default_log_levels.map((pair) => {
    const at = pair.indexOf('=');
    const level = levelNumber(pair.slice(at + 1));
    if (at < 1 || level === undefined) {
      throw new StartupError(`default_log_levels: ${JSON.stringify(pair)} must read name=LEVEL`, 4);
    }
    return { name: pair.slice(0, at).trim(), level, outputs: [], propagate: true };
  });
}
