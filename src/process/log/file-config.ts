import { readFileSync } from 'node:fs';
import { parseIni } from '../../config/ini.js';
import { StartupError } from '../startup-error.js';
import { type Formatter, textFormatter } from './lines.js';
import type { LoggerRule, Output } from './output.js';
import { type PythonValue, parsePythonTuple } from './python-literal.js';
import { levelNumber } from './record.js';
import { FileSink, type Sink } from './sink.js';
import { facilityNumber, LoggerSink, UdpSyslogSink } from './syslog.js';

interface Section {
  readonly title: string;
  readonly where: string;
  get(name: string): string | undefined;
}

/**
 * Reads a logging file in the form of Python's logging.config.fileConfig: loggers, handlers (stream, file, watched file, rotating file, syslog) and formatters.
 * Throws StartupError naming the file, the line and what is not possible, without opening anything before the whole file is read.
 */
export function readLogConfig(path: string, program: string): readonly LoggerRule[] {
  const sections = readSections(path);
  const section = (title: string): Section => {
    const found = sections.get(title);
    if (found === undefined) throw new StartupError(`${path}: no section [${title}]`);
    return found;
  };
  const keys = (title: string) => split(section(title).get('keys'));

  const formatters = new Map(
    split(sections.get('formatters')?.get('keys')).map((key) => [key, formatter(section(`formatter_${key}`))]),
  );
  const plain = textFormatter({
    context: '%(message)s',
    plain: '%(message)s',
    exceptionPrefix: '',
    dateFormat: undefined,
  });
  const plans = new Map(
    keys('handlers').map((key) => {
      const own = section(`handler_${key}`);
      const named = own.get('formatter');
      const format = named ? formatters.get(named) : plain;
      if (format === undefined) throw new StartupError(`${own.where}: no formatter ${named}`);
      return [key, { open: handler(own, program), level: level(own) ?? 0, format }];
    }),
  );
  const loggers = keys('loggers').map((key) => {
    const own = section(`logger_${key}`);
    const outputs = split(own.get('handlers')).map((name) => {
      if (!plans.has(name)) throw new StartupError(`${own.where}: no handler ${name}`);
      return name;
    });
    const name = key === 'root' ? '' : (own.get('qualname') ?? key);
    // NOTSET lets everything pass at the root, and elsewhere asks the logger above.
    return {
      name,
      level: name === '' ? level(own) : level(own) || undefined,
      outputs,
      propagate: own.get('propagate') !== '0',
    };
  });
  if (!loggers.some((logger) => logger.name === '')) throw new StartupError(`${path}: no logger root`);

  const used = new Set(loggers.flatMap((logger) => logger.outputs));
  const opened = new Map<string, Output>();
  for (const [key, { open, ...plan }] of plans) if (used.has(key)) opened.set(key, { ...plan, sink: open() });
  return loggers.map((logger) => ({ ...logger, outputs: logger.outputs.flatMap((name) => opened.get(name) ?? []) }));
}

function readSections(path: string): Map<string, Section> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new StartupError(`Unable to locate specified logging config file: ${path}`, 1, { cause: error });
  }
  const { entries, sections, problems } = parseIni(text, path, 'python');
  if (problems.length > 0) throw new StartupError(problems.join('\n'));
  const valuesOf = (title: string) =>
    new Map(entries.filter((entry) => entry.section === title).map((entry) => [entry.name.toLowerCase(), entry.value]));
  const defaults = valuesOf('DEFAULT');
  return new Map(
    sections.map((title) => {
      const own = new Map([...defaults, ...valuesOf(title)]);
      const line = entries.find((entry) => entry.section === title)?.line;
      const where = `${path}${line === undefined ? '' : `:${line}`}: [${title}]`;
      return [title, { title, where, get: (name) => own.get(name) }];
    }),
  );
}

function split(text: string | undefined): string[] {
  return (text ?? '')
    .split(',')
    .map((word) => word.trim())
    .filter(Boolean);
}

function level(section: Section): number | undefined {
  const name = section.get('level');
  if (!name) return undefined;
  const number = levelNumber(name);
  if (number === undefined) throw new StartupError(`${section.where}: unknown level ${name}`);
  return number;
}

function formatter(section: Section): Formatter {
  const style = section.get('style');
  if (style !== undefined && style !== '%') throw new StartupError(`${section.where}: only the style % is supported`);
  const format = section.get('format') ?? '%(message)s';
  try {
    const dateFormat = section.get('datefmt') || undefined;
    return textFormatter({ context: format, plain: format, exceptionPrefix: '', dateFormat });
  } catch (error) {
    throw new StartupError(`${section.where}: ${error instanceof Error ? error.message : error}`);
  }
}

/** What opens the handler's sink, its arguments already checked. */
function handler(section: Section, program: string): () => Sink {
  const refuse = (reason: string) => new StartupError(`${section.where}: ${reason}`);
  const kind = (section.get('class') ?? '').replace(/^.*\./, '');
  let args: readonly PythonValue[];
  try {
    args = parsePythonTuple(section.get('args') ?? '()');
  } catch (error) {
    throw refuse(error instanceof Error ? error.message : String(error));
  }
  const [first, second, third, fourth] = args;
  if (kind === 'NullHandler') return () => ({ write() {}, reopen() {}, flushSync() {}, close: async () => {} });
  if (kind === 'StreamHandler') {
    const stream = nameOf(first) ?? 'sys.stderr';
    if (stream !== 'sys.stdout' && stream !== 'sys.stderr') throw refuse(`the stream must be sys.stdout or sys.stderr`);
    return () => new FileSink(stream === 'sys.stdout' ? 1 : 2);
  }
  if (kind === 'FileHandler' || kind === 'WatchedFileHandler' || kind === 'RotatingFileHandler') {
    if (typeof first !== 'string' || first === '') throw refuse(`${kind} needs the file's name as its first argument`);
    const rotating = kind === 'RotatingFileHandler';
    const [maxBytes, keep] = rotating ? [Number(third ?? 0), Number(fourth ?? 0)] : [0, 0];
    if (!Number.isSafeInteger(maxBytes) || !Number.isSafeInteger(keep))
      throw refuse('maxBytes and backupCount must be numbers');
    return () => openFile({ path: first, maxBytes, keep });
  }
  if (kind === 'SysLogHandler') {
    const facility = facilityNumber(
      typeof second === 'string' ? second : (nameOf(second) ?? 'LOG_USER').replace(/^.*\./, ''),
    );
    if (typeof first === 'string') return () => new LoggerSink(program, first, facility);
    const [host, port] = Array.isArray(first) ? first : ['localhost', 514];
    if (typeof host !== 'string' || typeof port !== 'number')
      throw refuse("the address must be '/dev/log' or ('host', port)");
    return () => new UdpSyslogSink(host, port, facility);
  }
  throw refuse(
    `handler class ${kind || '(none)'} is not supported: use a stream, file, rotating file or syslog handler`,
  );
}

function nameOf(value: PythonValue | undefined): string | undefined {
  return typeof value === 'object' && value !== null && 'name' in value ? value.name : undefined;
}

/** Opens a log file. Throws StartupError naming it. */
export function openFile(target: { path: string; maxBytes: number; keep: number }): FileSink {
  try {
    return new FileSink(target);
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new StartupError(`Cannot open the log file ${target.path}: ${reason}`);
  }
}
