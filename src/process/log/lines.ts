import { hostname } from 'node:os';
import { compileFormat } from './python-format.js';
import type { LogRecord } from './record.js';
import { describeError, redact, redactValue } from './redact.js';

/** Turns a record into its finished text, secrets masked, newline at the end. */
export type Formatter = (record: LogRecord) => string;

export interface TextFormats {
  /** Lines that belong to a request. */
  readonly context: string;
  readonly plain: string;
  /** What stands before each line of a stack. */
  readonly exceptionPrefix: string;
  readonly dateFormat: string | undefined;
}

/** Fields that the formats themselves place. */
const PLACED = new Set(['error', 'requestId', 'globalRequestId', 'user', 'tenant']);

/** Lines of text: the message, then the other fields as name=value, then the error's stack, each line with its prefix. Throws Error for a bad format. */
export function textFormatter(formats: TextFormats): Formatter {
  const context = compileFormat(formats.context, formats.dateFormat);
  const plain = compileFormat(formats.plain, formats.dateFormat);
  const prefix = compileFormat(formats.exceptionPrefix, formats.dateFormat);
  return (record) => {
    const { fields } = record;
    const message = oneLine(redact(record.message)) + trailing(record);
    const clean = { ...record, message };
    const line = `${(fields.requestId === undefined ? plain : context)(clean)}\n`;
    if (fields.error === undefined) return line;
    const before = prefix({ ...record, message: '' });
    const stack = redact(describeError(fields.error))
      .split(/\r\n|\n|\r/)
      .filter(Boolean);
    return `${line}${stack.map((one) => `${before}${oneLine(one)}\n`).join('')}`;
  };
}

/** One JSON object a line, with every field under its own name. */
export function jsonFormatter(): Formatter {
  const host = hostname();
  return ({ name, level, time, message, fields }) => {
    const { error, ...others } = fields;
    const extra = redactValue(others);
    const line = {
      ...(typeof extra === 'object' ? extra : {}),
      time: new Date(time).toISOString(),
      level,
      name,
      message: redact(message),
      pid: process.pid,
      host,
      ...(error === undefined ? {} : { error: redact(describeError(error)) }),
    };
    return `${JSON.stringify(line)}\n`;
  };
}

function trailing({ fields }: LogRecord): string {
  let text = '';
  for (const [name, value] of Object.entries(fields)) {
    if (PLACED.has(name) || value === undefined) continue;
    const clean = redactValue(value, name);
    const word = typeof clean === 'string' ? clean : (JSON.stringify(clean) ?? String(clean));
    text += ` ${name}=${/^[^\s"=]+$/.test(word) || typeof clean !== 'string' ? oneLine(word) : JSON.stringify(word)}`;
  }
  return text;
}

/** Control characters of clients must not forge further lines, nor move a terminal's cursor. */
function oneLine(text: string): string {
  return text.replace(/\p{Cc}/gu, (char) =>
    char === '\n' ? '\\n' : `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
}
