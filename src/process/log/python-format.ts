import { LEVELS, type LogRecord } from './record.js';
import { strftime } from './strftime.js';

type Field = (record: LogRecord) => string | number;

const STARTED = Date.now();
const shown = (value: unknown) => (value === undefined || value === null || value === '' ? '-' : String(value));

/** What Python's and oslo's formats may name. Where a line was logged from is not known here: those fields are empty. */
function fieldTable(asctime: (time: number) => string): Readonly<Record<string, Field>> {
  return {
    name: ({ name }) => name,
    levelname: ({ level }) => level,
    levelno: ({ level }) => LEVELS[level],
    asctime: ({ time }) => asctime(time),
    msecs: ({ time }) => Math.floor(time % 1000),
    created: ({ time }) => time / 1000,
    relativeCreated: ({ time }) => time - STARTED,
    message: ({ message }) => message,
    process: () => process.pid,
    processName: () => 'MainProcess',
    thread: () => 0,
    threadName: () => 'MainThread',
    pathname: () => '',
    filename: () => '',
    module: () => '',
    funcName: () => '',
    lineno: () => 0,
    request_id: ({ fields }) => shown(fields.requestId),
    global_request_id: ({ fields }) => shown(fields.globalRequestId),
    user_identity: ({ fields }) => `${shown(fields.user)} ${shown(fields.tenant)} - - -`,
    user: ({ fields }) => shown(fields.user),
    user_id: ({ fields }) => shown(fields.user),
    user_name: ({ fields }) => shown(fields.user),
    tenant: ({ fields }) => shown(fields.tenant),
    project: ({ fields }) => shown(fields.tenant),
    project_id: ({ fields }) => shown(fields.tenant),
    project_name: ({ fields }) => shown(fields.tenant),
    domain: () => '-',
    user_domain: () => '-',
    project_domain: () => '-',
    instance: () => '',
    resource: () => '',
    error_summary: ({ fields }) => (fields.error instanceof Error ? fields.error.message : '-'),
  };
}

/** Names that formats may use, for the docs. */
export const FORMAT_FIELDS: readonly string[] = Object.keys(fieldTable(String));

/**
 * Compiles a Python %-format (`%(levelname)8s`, `%(msecs)03d`, ...). `dateFormat` is a strftime format for asctime; without one asctime reads
 * `2024-01-31 13:45:00,123`, as Python writes it. Throws Error naming the field or conversion that is unknown.
 */
export function compileFormat(format: string, dateFormat: string | undefined): (record: LogRecord) => string {
  const seconds = strftime(dateFormat ?? '%Y-%m-%d %H:%M:%S');
  const asctime = (time: number) =>
    dateFormat === undefined ? `${seconds(time)},${String(Math.floor(time % 1000)).padStart(3, '0')}` : seconds(time);
  const fields = fieldTable(asctime);
  const refuse = (what: string) => new Error(`log format ${JSON.stringify(format)}: ${what}`);
  const parts = [...format.matchAll(/%%|%(?:\((\w+)\))?([-#0 +]*)(\d*)(?:\.(\d+))?([a-zA-Z]?)|[^%]+/g)].map(
    ([whole, name, flags = '', width = '', precision, conversion]): ((record: LogRecord) => string) => {
      if (whole === '%%') return () => '%';
      if (!whole.startsWith('%')) return () => whole;
      const field = name !== undefined && Object.hasOwn(fields, name) ? fields[name] : undefined;
      if (name === undefined) throw refuse(`${whole} does not name a field, as %(message)s does`);
      if (field === undefined) throw refuse(`unknown field %(${name})`);
      if (!conversion || !'sdifr'.includes(conversion)) throw refuse(`unknown conversion in ${whole}`);
      const digits = precision === undefined ? undefined : Math.min(Number(precision), 20);
      const columns = Math.min(Number(width), 200);
      return (record) => pad(convert(field(record), conversion, digits), flags, columns, conversion);
    },
  );
  return (record) => {
    let line = '';
    for (const part of parts) line += part(record);
    return line;
  };
}

function convert(value: string | number, conversion: string, precision: number | undefined): string {
  if (conversion === 'f') return Number(value).toFixed(precision ?? 6);
  if (conversion === 'd' || conversion === 'i') return String(Math.trunc(Number(value)));
  return precision === undefined ? String(value) : String(value).slice(0, precision);
}

function pad(text: string, flags: string, width: number, conversion: string): string {
  if (flags.includes('-')) return text.padEnd(width);
  return text.padStart(width, flags.includes('0') && conversion !== 's' ? '0' : ' ');
}
