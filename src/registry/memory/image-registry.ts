import type { Expected, Image, ImageChange, ImageId, Properties } from '../../domain/image.js';
import type { Clock } from '../../domain/ports/clock.js';
import type { ImageQuery, ImageRegistry, ImageStanding, Page, Viewer } from '../../domain/ports/images.js';
import { checkKey, checkValues } from '../check.js';
import { compareKeys, compareText, keysOf, totalOrder } from '../order.js';
import { conflict, missing, taken } from '../refusals.js';
import { isVisible } from '../visibility.js';
import { belongs, meets, sortedByKey } from './matches.js';
import type { State } from './state.js';

export class MemoryImageRegistry implements ImageRegistry {
  constructor(
    private readonly state: State,
    private readonly clock: Clock,
  ) {}

  async add(image: Image): Promise<void> {
    checkKey('id', image.id);
    const { properties, ...rest } = image;
    checkValues({ ...rest, properties: { set: properties, purge: false } });
    if (this.state.images.has(image.id)) throw taken(image.id);
    this.state.images.set(image.id, copied(image));
  }

  async get(id: ImageId, viewer: Viewer): Promise<Image> {
    const image = this.state.images.get(id);
    const shared = this.state.membersOf(id).some(({ member }) => viewer.kind === 'tenant' && member === viewer.owner);
    if (image === undefined || !isVisible(image, viewer, shared)) throw missing(id);
    return image;
  }

  async list(query: ImageQuery): Promise<Page<Image>> {
    const order = totalOrder(query.sort);
    const marker = query.marker && keysOf(query.marker, order);
    const found = [...this.state.images.values()]
      .filter((image) => query.deleted === 'include' || !image.deleted)
      .filter((image) => query.scope.some((branch) => belongs(image, this.state.membersOf(image.id), branch)))
      .filter((image) => query.filters.every((filter) => meets(image, filter)))
      .map((image) => ({ image, keys: keysOf(image, order) }))
      .filter(({ keys }) => marker === undefined || compareKeys(keys, marker, order) > 0)
      .sort((a, b) => compareKeys(a.keys, b.keys, order));
    return { items: found.slice(0, query.limit).map(({ image }) => image), more: found.length > query.limit };
  }

  async change(id: ImageId, change: ImageChange, expected: Expected): Promise<Image> {
    checkValues(change);
    const before = this.state.live(id);
    requireExpected(before, expected);
    const { properties, ...fields } = change;
    const after = copied({
      ...before,
      ...fields,
      properties: properties === undefined ? before.properties : merged(before.properties, properties),
      updatedAt: this.clock.now(),
      revision: before.revision + 1,
    });
    this.state.images.set(id, after);
    return after;
  }

  async delete(id: ImageId, as: 'deleted' | 'pending_delete', expected: Expected): Promise<Image> {
    const before = this.state.live(id);
    requireExpected(before, expected);
    const now = this.clock.now();
    this.state.images.set(id, {
      ...before,
      status: as,
      deleted: true,
      deletedAt: now,
      updatedAt: now,
      revision: before.revision + 1,
      properties: new Map(),
      tags: new Set(),
      locations: before.locations.map((one) => (as === 'pending_delete' ? { ...one, status: as } : one)),
    });
    this.state.members.delete(id);
    this.state.retired.delete(id);
    return before;
  }

  async standing(ids: readonly ImageId[]): Promise<ReadonlyMap<ImageId, ImageStanding>> {
    return new Map(ids.flatMap((id) => this.standingOf(id) ?? []));
  }

  private standingOf(id: ImageId): [[ImageId, ImageStanding]] | undefined {
    const image = this.state.images.get(id);
    const owns = image !== undefined && (!image.deleted || image.status === 'pending_delete');
    if (owns && image.locations.length > 0) return [[id, 'stored']];
    if (this.state.leases.has(id)) return [[id, 'in-progress']];
    return image && [[id, 'empty']];
  }
}

function requireExpected(image: Image, expected: Expected): void {
  if (expected.status !== undefined && !expected.status.includes(image.status)) throw conflict(image.id);
  if (expected.revision !== undefined && expected.revision !== image.revision) throw conflict(image.id);
}

function merged(before: Properties, change: NonNullable<ImageChange['properties']>): Properties {
  return new Map([...(change.purge ? [] : before), ...change.set]);
}

/** A copy in the form in which the databases give it. */
function copied(image: Image): Image {
  return {
    ...image,
    properties: sortedByKey(image.properties),
    tags: new Set([...image.tags].sort(compareText)),
    locations: structuredClone(image.locations),
  };
}
