import type { FlagField, NumberField, SortKey, TextField } from '../../domain/ports/images.js';
import { isNumber, type KeyValue } from '../order.js';
import { type Fragment, join, literal, or, sql } from './fragment.js';

const COLUMNS: Readonly<Record<TextField | NumberField | FlagField, string>> = {
  id: 'id',
  name: 'name',
  status: 'status',
  visibility: 'visibility',
  owner: 'owner',
  diskFormat: 'disk_format',
  containerFormat: 'container_format',
  checksum: 'checksum',
  hashAlgorithm: 'os_hash_algo',
  hashValue: 'os_hash_value',
  size: 'size',
  virtualSize: 'virtual_size',
  minDisk: 'min_disk',
  minRam: 'min_ram',
  createdAt: 'created_at',
  updatedAt: 'updated_at',
  protected: 'protected',
  hidden: 'os_hidden',
  deleted: 'deleted',
};

/** Fields with a column of what they sort by, which is what their indexes hold (migrations/0001-images.ts). */
const KEYED: readonly string[] = ['name', 'diskFormat', 'containerFormat', 'size'];
const NULLABLE: readonly string[] = ['owner', 'checksum', 'hashAlgorithm', 'hashValue', 'virtualSize'];

/** The column of a field, of the relation `i`. */
export function column(field: TextField | NumberField | FlagField): Fragment {
  return literal(`i.${COLUMNS[field]}`);
}

export function columnName(field: TextField | NumberField | FlagField): string {
  return COLUMNS[field];
}

export function isKeyed(field: SortKey['field']): boolean {
  return KEYED.includes(field);
}

/** What a field sorts by: never null. */
export function sortExpression(field: SortKey['field']): Fragment {
  if (isKeyed(field)) return literal(`i.${COLUMNS[field]}_key`);
  if (!NULLABLE.includes(field)) return column(field);
  return literal(`COALESCE(i.${COLUMNS[field]}, ${isNumber(field) ? '0' : "''"})`);
}

export function orderBy(order: readonly SortKey[]): Fragment {
  return join(
    order.map(({ field, direction }) => sql`${sortExpression(field)} ${literal(direction === 'asc' ? 'ASC' : 'DESC')}`),
    ', ',
  );
}

export function isUniform(order: readonly SortKey[]): boolean {
  return order.every(({ direction }) => direction === order[0]?.direction);
}

/** What comes after these keys in the order: one comparison of rows, which an index serves, when all directions agree. */
export function following(keys: readonly KeyValue[], order: readonly SortKey[]): Fragment {
  const pairs = order.map((key, index) => ({
    ...key,
    expression: sortExpression(key.field),
    value: keys[index] ?? '',
  }));
  const operator = (direction: 'asc' | 'desc') => literal(direction === 'asc' ? '>' : '<');
  const [first] = pairs;
  if (first === undefined) return sql`1 = 1`;
  if (isUniform(order)) {
    const left = join(
      pairs.map(({ expression }) => expression),
      ', ',
    );
    const right = join(
      pairs.map(({ value }) => sql`${value}`),
      ', ',
    );
    return sql`(${left}) ${operator(first.direction)} (${right})`;
  }
  const steps = pairs.map((pair, index) => {
    const equal = pairs.slice(0, index).map(({ expression, value }) => sql`${expression} = ${value}`);
    const beyond = sql`${pair.expression} ${operator(pair.direction)} ${pair.value}`;
    return join([...equal, beyond], ' AND ');
  });
  return sql`${first.expression} ${operator(first.direction)}= ${first.value} AND ${or(steps.map((one) => sql`(${one})`))}`;
}
