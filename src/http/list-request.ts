import type { ImageQuery, SortKey } from '../domain/ports/images.js';

export interface ListLimits {
  /** Images of a page when the client asks for no number: `limit_param_default`. */
  readonly standard: number;
  /** Images of a page at most: `api_limit_max`. */
  readonly most: number;
}

/** A list as a client asks for it; the marker is still an id, to be looked up with the client's eyes. */
export interface ListRequest extends Omit<ImageQuery, 'marker'> {
  readonly markerId: string | undefined;
}

/** The keys that lists may be sorted by, in both APIs. */
export const SORT_FIELDS: Readonly<Record<string, SortKey['field']>> = {
  name: 'name',
  status: 'status',
  container_format: 'containerFormat',
  disk_format: 'diskFormat',
  size: 'size',
  id: 'id',
  created_at: 'createdAt',
  updated_at: 'updatedAt',
};
