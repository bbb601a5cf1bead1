import type { Location } from '../location.js';
import type { Store } from './store.js';

/** The stores of one server, and which of them serves what. */
export interface StorePool {
  readonly stores: readonly Store[];
  /** Schemes of all stores, as they begin a location. Case counts, as in Glance. */
  readonly schemes: ReadonlySet<string>;
  /** The store that takes new bytes: the default one, or the one with this id or scheme. Throws invalid for a name that none has. */
  forWriting(name?: string): Store;
  /** The store that holds a location's bytes. Throws invalid when none serves its scheme. */
  forLocation(location: Location): Store;
  /** The store with this id; undefined when there is none (any more). */
  byId(id: string): Store | undefined;
  close(): Promise<void>;
}
