import type { Image } from '../../domain/image.js';
import type { Member } from '../../domain/member.js';
import type { Branch, ImageFilter } from '../../domain/ports/images.js';
import { compareText } from '../order.js';

/** Whether the image meets the filter. An absent value differs from every value, and is neither less nor more. */
export function meets(image: Image, filter: ImageFilter): boolean {
  switch (filter.by) {
    case 'text': {
      const value = image[filter.field];
      return value !== null && filter.in.includes(value);
    }
    case 'not-text': {
      const value = image[filter.field];
      return value === null || !filter.in.includes(value);
    }
    case 'number':
      return compares(image[filter.field], filter.is, filter.value);
    case 'flag':
      return image[filter.field] === filter.value;
    case 'property':
      return image.properties.get(filter.name) === filter.value;
    case 'tag':
      return image.tags.has(filter.tag);
  }
}

function compares(value: number | null, is: string, other: number): boolean {
  if (value === null) return is === 'neq';
  switch (is) {
    case 'eq':
      return value === other;
    case 'neq':
      return value !== other;
    case 'gt':
      return value > other;
    case 'gte':
      return value >= other;
    case 'lt':
      return value < other;
    default:
      return value <= other;
  }
}

/** Whether the image belongs to the branch of a scope. */
export function belongs(image: Image, members: readonly Member[], branch: Branch): boolean {
  switch (branch.of) {
    case 'everything':
      return true;
    case 'visibility':
      return image.visibility === branch.visibility;
    case 'owner':
      return (
        image.owner === branch.owner && (branch.visibility === undefined || image.visibility === branch.visibility)
      );
    case 'member':
      return (
        image.visibility === 'shared' &&
        members.some(({ member, status }) => member === branch.member && (branch.statuses?.includes(status) ?? true))
      );
    case 'shared-with-anyone':
      return image.visibility === 'shared' && members.length > 0;
  }
}

/** A map with its keys in the order in which the databases give them. */
export function sortedByKey<T>(map: ReadonlyMap<string, T>): ReadonlyMap<string, T> {
  return new Map([...map].sort(([a], [b]) => compareText(a, b)));
}
