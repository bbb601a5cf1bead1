/** Fields of one log line beside its message. `error` is printed whole, with its stack and causes; no other field may hold a secret. */
export interface LogFields {
  readonly error?: unknown;
  readonly requestId?: string;
  readonly [name: string]: unknown;
}

export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warning(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  critical(message: string, fields?: LogFields): void;
  /** A logger whose dotted name lies below this one's: `glance` -> `glance.api`. */
  child(name: string): Log;
}
