import type { Location } from '../location.js';
import type { Store } from './store.js';

/** What an operator says of a store beside its options. */
export interface StoreProfile {
  readonly description: string | null;
  /** Locations in heavier stores are read first. */
  readonly weight: number;
}

/** One store as clients may be told of it. */
export interface StoreOffer extends StoreProfile {
  readonly store: Store;
  readonly isDefault: boolean;
}

/** The stores of one server, and which of them serves what. */
export interface StorePool {
  readonly stores: readonly Store[];
  /** Whether clients tell stores apart by their ids (`enabled_backends`); otherwise API v2 does not speak of stores. */
  readonly several: boolean;
  /** In the order of the configuration. */
  readonly offers: readonly StoreOffer[];
  /** Schemes of all stores, as they begin a location. Case counts, as in Glance. */
  readonly schemes: ReadonlySet<string>;
  /** The store that takes new bytes: the default one, or the one with this id or, where there are not several, scheme. Throws invalid for a name that none has. */
  forWriting(name?: string): Store;
  /** The store that holds a location's bytes: the one whose place it is (of several the one that its metadata names), else the one that its metadata names. Throws invalid when none serves its scheme. */
  forLocation(location: Location): Store;
  /** The id of the store that holds a location's bytes, found as `forLocation` does; undefined when none serves its scheme. */
  idOf(location: Location): string | undefined;
  /** The store with this id; undefined when there is none (any more). */
  byId(id: string): Store | undefined;
  /** Locations as they are to be read: those in heavier stores first, those of one weight in their own order. */
  inOrder(locations: readonly Location[]): readonly Location[];
  close(): Promise<void>;
}
