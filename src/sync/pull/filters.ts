import { shown } from '../formats/shown.js';
import { SyncError } from '../sync-error.js';

/** Whether an entry is wanted, by what is known of it. */
export type Filter = (fields: ReadonlyMap<string, string>) => boolean;

/** Characters of a regular expression, and of the value that it is tried on: an expression that backtracks must not take for ever. */
const MOST = { pattern: 256, value: 1024 };

/**
 * Reads a `--filter` in simplestreams' manner: `key=value`, `key!=value`, `key~regex`, `key!~regex`. A key that an entry lacks is an empty text.
 * Throws SyncError usage for one that is malformed.
 */
export function parseFilter(text: string): Filter {
  const [, key, operator, wanted] = /^([^=~!]+)(!?[=~])(.*)$/s.exec(text) ?? [];
  if (key === undefined || operator === undefined || wanted === undefined) {
    throw new SyncError('usage', `--filter ${shown(text)}: must be key=value, key!=value, key~regex or key!~regex`);
  }
  const name = key.trim();
  const test = operator.endsWith('~') ? expression(text, wanted) : (value: string) => value === wanted;
  const negated = operator.startsWith('!');
  return (fields) => test(fields.get(name) ?? '') !== negated;
}

function expression(filter: string, pattern: string): (value: string) => boolean {
  if (pattern.length > MOST.pattern) {
    throw new SyncError('usage', `--filter ${shown(filter)}: its expression is longer than ${MOST.pattern} characters`);
  }
  try {
    const regex = new RegExp(pattern, 'u');
    return (value) => regex.test(value.slice(0, MOST.value));
  } catch (error) {
    throw new SyncError('usage', `--filter ${shown(filter)}: its expression is malformed`, { cause: error });
  }
}
