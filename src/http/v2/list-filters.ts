import type { Comparison, ImageFilter, NumberField, TextField } from '../../domain/ports/images.js';
import type { Microseconds } from '../../domain/time.js';
import { fault } from '../fault.js';
import { parseIsoTime } from '../iso-time.js';
import { readQuotedList } from './quoted-list.js';

type FilterReader = (value: string, name: string) => readonly ImageFilter[];

/** What a statement can bear: each filter is a condition of its own. */
const MOST_FILTERS = 100;
const MOST_VALUES = 5000;

const NOTHING: ImageFilter = { by: 'text', field: 'id', in: [] };
const INT_MAX = 2_147_483_647;

/** Columns with whole numbers, and the largest each can hold. */
const NUMBERS: Readonly<Record<string, { readonly field: NumberField; readonly most: number }>> = {
  size: { field: 'size', most: Number.MAX_SAFE_INTEGER },
  virtual_size: { field: 'virtualSize', most: Number.MAX_SAFE_INTEGER },
  min_ram: { field: 'minRam', most: INT_MAX },
  min_disk: { field: 'minDisk', most: INT_MAX },
};

function integer(text: string): number | undefined {
  return /^\s*[+-]?\d+\s*$/.test(text) ? Number(text) : undefined;
}

function texts(value: string): readonly string[] {
  const colon = value.indexOf(':');
  if (colon < 0) return [value];
  const operator = value.slice(0, colon);
  const operand = value.slice(colon + 1);
  if (operator === 'eq') return [operand];
  if (operator !== 'in') throw fault(400, `Unable to filter by unknown operator '${operator}'.`);
  const list = [...new Set(readQuotedList(operand))];
  if (list.length > MOST_VALUES) throw fault(400, `Unable to filter by more than ${MOST_VALUES} values.`);
  return list;
}

const text =
  (field: TextField): FilterReader =>
  (value) => [{ by: 'text', field, in: texts(value) }];

const exactText =
  (field: TextField): FilterReader =>
  (value) => [{ by: 'text', field, in: [value] }];

const exactNumber: FilterReader = (value, name) => {
  const column = NUMBERS[name];
  const number = integer(value);
  if (column === undefined || number === undefined || number < 0 || number > column.most) return [NOTHING];
  return [{ by: 'number', field: column.field, is: 'eq', value: number }];
};

const COMPARISONS: readonly Comparison[] = ['eq', 'neq', 'gt', 'gte', 'lt', 'lte'];
const SECOND = 1_000_000;

/** Clients are shown whole seconds, so a time without a fraction means the whole second: an image is `eq` to the time it shows. */
function timeFilters(field: NumberField, is: Comparison, time: Microseconds): readonly ImageFilter[] {
  const filter = (comparison: Comparison, value: number): ImageFilter => ({
    by: 'number',
    field,
    is: comparison,
    value,
  });
  if (time % SECOND !== 0) return [filter(is, time)];
  switch (is) {
    case 'eq':
      return [filter('gte', time), filter('lt', time + SECOND)];
    case 'gt':
      return [filter('gte', time + SECOND)];
    case 'lte':
      return [filter('lt', time + SECOND)];
    default:
      return [filter(is, time)];
  }
}

const time =
  (field: NumberField): FilterReader =>
  (value, name) => {
    const whole = parseIsoTime(value);
    if (whole !== undefined) return timeFilters(field, 'eq', whole);
    const colon = value.indexOf(':');
    const operand = parseIsoTime(value.slice(colon + 1));
    if (operand === undefined) {
      throw fault(400, `Bad "${name}" query filter format. Use ISO 8601 DateTime notation.`);
    }
    const comparison = COMPARISONS.find((each) => each === value.slice(0, colon));
    if (comparison === undefined) throw fault(400, 'Unable to filter on a unknown operator.');
    return timeFilters(field, comparison, operand);
  };

function flag(name: string, word: string, said: string): boolean {
  if (word === 'true' || word === 'false') return word === 'true';
  throw fault(400, `Invalid value '${said}' for '${name}' filter. Valid values are 'true' or 'false'.`);
}

const ELSEWHERE: FilterReader = () => [];

const FILTERS: Readonly<Record<string, FilterReader>> = {
  id: text('id'),
  name: text('name'),
  status: text('status'),
  container_format: text('containerFormat'),
  disk_format: text('diskFormat'),
  created_at: time('createdAt'),
  updated_at: time('updatedAt'),
  size: exactNumber,
  virtual_size: exactNumber,
  min_ram: exactNumber,
  min_disk: exactNumber,
  checksum: exactText('checksum'),
  os_hash_algo: exactText('hashAlgorithm'),
  os_hash_value: exactText('hashValue'),
  owner: exactText('owner'),
  protected: (value) => [{ by: 'flag', field: 'protected', value: flag('protected', value, value) }],
  os_hidden: (value) => [{ by: 'flag', field: 'hidden', value: flag('os_hidden', value.toLowerCase(), value) }],
  tag: (tag) => [{ by: 'tag', tag }],
  'changes-since': () => {
    throw fault(400, 'The "changes-since" filter is no longer available on v2.');
  },
  limit: ELSEWHERE,
  marker: ELSEWHERE,
  sort: ELSEWHERE,
  sort_key: ELSEWHERE,
  sort_dir: ELSEWHERE,
  visibility: ELSEWHERE,
  member_status: ELSEWHERE,
  deleted: ELSEWHERE,
};

/** `size_min=5`: at least, or at most, for any column with numbers. */
function rangeFilters(column: string, bound: string, value: string): readonly ImageFilter[] {
  const number = integer(value);
  if (number === undefined) throw fault(400, 'Unable to filter on a range with a non-numeric value.');
  const known = Object.hasOwn(NUMBERS, column) ? NUMBERS[column] : undefined;
  if (known === undefined) throw fault(400, `Unable to filter on a range of '${column}': it is no number.`);
  // Beyond what the column holds the answer is clear, and the database could not even compare.
  if (bound === 'min' ? number > known.most : number < 0) return [NOTHING];
  const within = Math.min(Math.max(number, 0), known.most);
  return [{ by: 'number', field: known.field, is: bound === 'min' ? 'gte' : 'lte', value: within }];
}

function readFilter(name: string, value: string): readonly ImageFilter[] {
  if (Object.hasOwn(FILTERS, name)) return FILTERS[name]?.(value, name) ?? [];
  const [, column, bound] = /^(.*)_(min|max)$/s.exec(name) ?? [];
  if (column !== undefined && bound !== undefined) return rangeFilters(column, bound, value);
  return [{ by: 'property', name, value }];
}

/**
 * The filters of `GET /v2/images`; what is no attribute is a custom property. Hidden images are left out unless asked for, killed ones always.
 * Throws 400 (image-api-v2 section 2.2).
 */
export function readFilters(parameters: readonly (readonly [string, string])[]): readonly ImageFilter[] {
  const query = new Map(parameters);
  query.delete('tag');
  const tags = new Set(parameters.filter(([name]) => name === 'tag').map(([, value]) => value));
  const filters = [...query, ...[...tags].map((tag) => ['tag', tag] as const)].flatMap(([name, value]) =>
    readFilter(name, value),
  );
  if (filters.length > MOST_FILTERS) throw fault(400, `Unable to filter by more than ${MOST_FILTERS} conditions.`);
  if (!query.has('os_hidden')) filters.push({ by: 'flag', field: 'hidden', value: false });
  filters.push({ by: 'not-text', field: 'status', in: ['killed'] });
  return filters;
}
