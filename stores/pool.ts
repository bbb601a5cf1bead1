import { RegistryError } from '../src/domain/errors.js';
import type { Location } from '../src/domain/location.js';
import type { Store } from '../src/domain/ports/store.js';
import type { StorePool, StoreProfile } from '../src/domain/ports/store-pool.js';

const PLAIN: StoreProfile = { description: null, weight: 0 };

/**
 * `defaultStore` is an id or a scheme. `profiles` by id, given where the stores are `enabled_backends`: there a store goes by its id alone.
 * Throws an Error when no store answers to `defaultStore`, or when two stores have the same id.
 */
export function createStorePool(
  stores: readonly Store[],
  defaultStore: string,
  profiles?: ReadonlyMap<string, StoreProfile>,
): StorePool {
  const several = profiles !== undefined;
  const byId = new Map(stores.map((store) => [store.id, store]));
  if (byId.size < stores.length) throw new Error('Two stores have the same id.');
  const named = (name: string): Store | undefined =>
    byId.get(name) ?? (several ? undefined : stores.find((store) => store.schemes.includes(name)));
  const preferred = named(defaultStore);
  if (!preferred) {
    throw new Error(`${several ? 'default_backend' : 'default_store'}: no store '${defaultStore}' is configured.`);
  }
  const serving = (location: Location): Store | undefined => {
    const scheme = schemeOf(location);
    const able = stores.filter(({ schemes }) => schemes.includes(scheme));
    const { store: id } = location.metadata;
    const owners = able.filter((store) => store.owns(location));
    // Clients write metadata: a place is believed before them.
    return owners.find((store) => store.id === id) ?? owners[0] ?? able.find((store) => store.id === id) ?? able[0];
  };
  const weightOf = (location: Location): number => profiles?.get(serving(location)?.id ?? '')?.weight ?? 0;
  return {
    stores,
    several,
    offers: stores.map((store) => ({
      store,
      isDefault: store === preferred,
      ...(profiles?.get(store.id) ?? PLAIN),
    })),
    schemes: new Set(stores.flatMap((store) => store.schemes)),
    forWriting(name) {
      const store = name === undefined ? preferred : named(name);
      const kind = several ? 'identifier' : 'scheme';
      if (!store) throw new RegistryError('invalid', `Store for ${kind} ${name} not found`);
      return store;
    },
    forLocation(location) {
      const store = serving(location);
      if (!store) throw new RegistryError('invalid', `Store for scheme ${schemeOf(location)} not found`);
      return store;
    },
    idOf: (location) => serving(location)?.id,
    byId: (id) => byId.get(id),
    inOrder(locations) {
      if (!several || locations.length < 2) return locations;
      const weighed = locations.map((location) => ({ location, weight: weightOf(location) }));
      return weighed.sort((a, b) => b.weight - a.weight).map(({ location }) => location);
    },
    async close() {
      await Promise.all(stores.map((store) => store.close()));
    },
  };
}

function schemeOf(location: Location): string {
  return /^([^:]+):\/\//.exec(location.url)?.[1] ?? '';
}
