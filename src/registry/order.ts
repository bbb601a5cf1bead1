import type { Image } from '../domain/image.js';
import type { SortKey } from '../domain/ports/images.js';

export type KeyValue = string | number;

/**
 * The whole order: `createdAt` and `id` are added in the direction of the last key where they are missing.
 * Nothing follows `id`, which is unique, and no key counts twice.
 */
export function totalOrder(sort: readonly SortKey[]): readonly SortKey[] {
  const direction = sort.at(-1)?.direction ?? 'desc';
  const order: SortKey[] = [];
  for (const key of [...sort, { field: 'createdAt', direction } as const, { field: 'id', direction } as const]) {
    if (!order.some((before) => before.field === key.field || before.field === 'id')) order.push(key);
  }
  return order;
}

/** What an image sorts by: an absent text counts as '', an absent number as 0. */
export function keysOf(image: Image, order: readonly SortKey[]): readonly KeyValue[] {
  return order.map(({ field }) => image[field] ?? (isNumber(field) ? 0 : ''));
}

export function isNumber(field: SortKey['field']): boolean {
  return ['size', 'virtualSize', 'minDisk', 'minRam', 'createdAt', 'updatedAt'].includes(field);
}

/** Negative when `a` comes before `b` in the order. */
export function compareKeys(a: readonly KeyValue[], b: readonly KeyValue[], order: readonly SortKey[]): number {
  for (const [index, { direction }] of order.entries()) {
    const difference = compare(a[index] ?? '', b[index] ?? '');
    if (difference !== 0) return direction === 'asc' ? difference : -difference;
  }
  return 0;
}

function compare(a: KeyValue, b: KeyValue): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return compareText(String(a), String(b));
}

/** By code point, as both databases do; JavaScript's own order is by UTF-16 unit, which puts U+FFFD after emoji. */
export function compareText(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index++) {
    const x = a.charCodeAt(index);
    const y = b.charCodeAt(index);
    if (x !== y) return isSurrogate(x) === isSurrogate(y) ? x - y : isSurrogate(x) ? 1 : -1;
  }
  return a.length - b.length;
}

const isSurrogate = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdfff;
