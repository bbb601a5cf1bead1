import { randomUUID } from 'node:crypto';
import type { Image } from '../../src/domain/image.js';
import type { Clock } from '../../src/domain/ports/clock.js';
import type { Branch, ImageQuery } from '../../src/domain/ports/images.js';

/** A clock that moves by one microsecond at every look, from a fixed start: tests do not depend on the time of day. */
export function steadyClock(start = 1_600_000_000_000_000): Clock {
  let time = start;
  return { now: () => ++time };
}

/** Earlier than the clocks of registries: whatever a registry does to an image comes after its making. */
const birth = steadyClock(1_500_000_000_000_000);

/** A private, queued image without anything special; each one is younger than the one before. */
export function anImage(fields: Partial<Image> = {}): Image {
  const createdAt = fields.createdAt ?? birth.now();
  return {
    id: randomUUID(),
    name: 'an image',
    status: 'queued',
    visibility: 'private',
    owner: 'tenant',
    protected: false,
    hidden: false,
    diskFormat: 'raw',
    containerFormat: 'bare',
    size: 0,
    virtualSize: null,
    checksum: null,
    hashAlgorithm: null,
    hashValue: null,
    minDisk: 0,
    minRam: 0,
    createdAt,
    updatedAt: createdAt,
    deletedAt: null,
    deleted: false,
    properties: new Map(),
    tags: new Set(),
    locations: [],
    revision: 1,
    ...fields,
  };
}

export const EVERYTHING: readonly Branch[] = [{ of: 'everything' }];

/** All live images, newest first. */
export function aQuery(parts: Partial<ImageQuery> = {}): ImageQuery {
  return {
    scope: EVERYTHING,
    filters: [],
    sort: [{ field: 'createdAt', direction: 'desc' }],
    limit: 100,
    deleted: 'exclude',
    ...parts,
  };
}
