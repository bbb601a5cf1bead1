import type { LogFields } from '../../domain/ports/log.js';

/** Python's levels, by which configurations name them. */
export const LEVELS = { DEBUG: 10, INFO: 20, WARNING: 30, ERROR: 40, CRITICAL: 50 } as const;
export type Level = keyof typeof LEVELS;

/** One event on its way to the outputs. */
export interface LogRecord {
  /** Dotted name of the logger. */
  readonly name: string;
  readonly level: Level;
  /** Milliseconds since 1970, with a fraction. */
  readonly time: number;
  readonly message: string;
  readonly fields: LogFields;
}

/** The level that a name such as `WARN` or a number such as `30` stands for; undefined for others. 0 (NOTSET) lets everything pass. */
export function levelNumber(name: string): number | undefined {
  const word = name.trim().toUpperCase();
  const aliases: Readonly<Record<string, number>> = { ...LEVELS, NOTSET: 0, TRACE: 5, AUDIT: 21, WARN: 30, FATAL: 50 };
  return /^\d{1,3}$/.test(word) ? Number(word) : aliases[word];
}
