import type { Formatter } from './lines.js';
import { LEVELS, type LogRecord } from './record.js';
import type { Sink } from './sink.js';

/** A sink with the lines' look and the least level that passes. */
export interface Output {
  readonly sink: Sink;
  readonly format: Formatter;
  readonly level: number;
}

/** What holds for one logger and, unless they say otherwise, for those below it. */
export interface LoggerRule {
  /** Dotted name; '' is the root. */
  readonly name: string;
  /** Undefined: the level of the next logger above. */
  readonly level: number | undefined;
  readonly outputs: readonly Output[];
  /** Whether the outputs of the loggers above get its lines too. */
  readonly propagate: boolean;
}

export interface Route {
  readonly level: number;
  readonly outputs: readonly Output[];
}

/** The level and the outputs of one logger, by Python's rules of inheritance along the dots of its name. */
export function routeOf(name: string, rules: readonly LoggerRule[]): Route {
  const chain = rules
    .filter((rule) => rule.name === '' || rule.name === name || name.startsWith(`${rule.name}.`))
    .sort((a, b) => b.name.length - a.name.length);
  const stop = chain.findIndex((rule) => !rule.propagate);
  const heard = stop < 0 ? chain : chain.slice(0, stop + 1);
  return {
    level: chain.find((rule) => rule.level !== undefined)?.level ?? LEVELS.WARNING,
    outputs: heard.flatMap((rule) => rule.outputs),
  };
}

/** Hands a record to every output whose level it reaches. */
export function emit(record: LogRecord, outputs: readonly Output[]): void {
  for (const output of outputs) {
    if (LEVELS[record.level] >= output.level) output.sink.write(output.format(record), record.level);
  }
}
